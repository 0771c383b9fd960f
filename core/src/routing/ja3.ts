import { hash } from 'node:crypto'
import { isMeant, type HelloParts } from './ja4.ts'

/**
 * The JA3 fingerprint of a TLS client, as published by Salesforce (`salesforce/ja3`): version, ciphers, extensions,
 * groups and point formats in the client's order, without GREASE. Clients that shuffle their extensions have a new one
 * each time: see JA4.
 */
export function ja3({ version, ciphers, extensions, groups, pointFormats }: HelloParts): string {
  const lists = [ciphers, extensions, groups ?? [], pointFormats ?? []]
  const text = [version, ...lists.map((list) => list.filter(isMeant).join('-'))].join()
  return hash('md5', text, 'hex')
}
