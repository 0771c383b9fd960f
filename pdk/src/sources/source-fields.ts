import { isCertificate } from '../schema/certificates-format.ts'

/** Of a plugin that follows sources; spread them among its `properties`. */
export const sourceFields = {
  keep_in: {
    type: 'string',
    pattern: '^/.',
    description:
      'a folder where the last good lists of URLs are kept, for a start while a server is away',
  },
  tls_verify: {
    type: 'boolean',
    default: true,
    description: 'whether the certificate of an https URL is verified',
  },
  tls_ca: {
    type: 'string',
    minLength: 1,
    description: 'PEM certificates of who may have signed it; those that Node knows unless stated',
  },
} as const

/** For a plugin's `check`. @returns what is wrong with `tls_ca`, if anything is */
export function checkSourceFields({
  tls_ca,
}: {
  readonly tls_ca?: string | undefined
}): string | undefined {
  return tls_ca === undefined || isCertificate(tls_ca)
    ? undefined
    : 'config.tls_ca is no certificate in PEM'
}
