import type { Body } from './body.ts'
import { parseForm } from './form-body.ts'
import { parseJson } from './json-body.ts'
import { parseMultipart } from './multipart-body.ts'

/** @param type the whole header `Content-Type` */
export type ReadBody = (bytes: Uint8Array<ArrayBuffer>, type: string) => Body | Promise<Body>

/** The media types that a body can have, and how each is read. */
export function bodyReaders(depthLimit: number): Readonly<Record<string, ReadBody>> {
  return {
    'application/json': (bytes) => ({ kind: 'json', fields: parseJson(bytes, depthLimit) }),
    'application/x-www-form-urlencoded': (bytes) => ({
      kind: 'form',
      fields: parseForm(bytes, depthLimit),
    }),
    'multipart/form-data': async (bytes, type) => ({
      kind: 'form',
      fields: await parseMultipart(bytes, type, depthLimit),
    }),
  }
}
