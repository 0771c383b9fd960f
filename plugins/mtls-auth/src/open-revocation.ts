import { resolve } from 'node:path'
import { assertKeeps, checkSourceFields, examineSource, reasonOf, type Kit } from '@kong-ts/pdk'
import { readCertificates } from './certificates.ts'
import { Revocation } from './revocation.ts'
import type { Config } from './schema.ts'

/** 64 MiB: nearly two million entries. */
const limit = 64 * 1024 * 1024

export function hasLists({ crl = [], crl_files = [], crl_urls = [] }: Config): boolean {
  return crl.length + crl_files.length + crl_urls.length > 0
}

/** @returns what is wrong with what the configuration says of revocation lists, if anything is */
export function faultOfLists(config: Config): string | undefined {
  const { revocation_check_mode: mode, crl_urls = [] } = config
  if (mode === 'STRICT' && !hasLists(config)) {
    return 'config.crl, config.crl_files or config.crl_urls is required with config.revocation_check_mode=STRICT'
  }
  const wrong = crl_urls.findIndex((url) => examineSource(url) !== undefined)
  if (wrong >= 0) return `config.crl_urls.${wrong + 1} is no URL`
  return checkSourceFields(config)
}

/** @throws Error naming the field, when a list cannot be read for the first time or must not be used */
export async function openRevocation(config: Config, kit: Kit): Promise<Revocation> {
  const { crl: texts = [], crl_files = [], crl_urls = [], keep_in: keepIn } = config
  if (keepIn !== undefined) await assertKept(keepIn)
  const fields = [
    ...crl_files.map((at, place) => ({ field: `crl_files.${place + 1}`, at: resolve(at) })),
    ...crl_urls.map((at, place) => ({ field: `crl_urls.${place + 1}`, at })),
  ]
  return Revocation.open(
    {
      authorities: config.ca_certificates.flatMap(readCertificates),
      texts,
      sources: fields,
      // Of all workers the first one whose interval is over reads for all of them.
      maxAge: config.crl_reload * 500,
      timeout: config.http_timeout,
      limit,
      keepIn,
      tls: { verify: config.tls_verify, ca: config.tls_ca },
    },
    kit,
  )
}

async function assertKept(folder: string): Promise<void> {
  try {
    await assertKeeps(folder)
  } catch (error) {
    throw new Error(`config.keep_in: ${reasonOf(error)}`, { cause: error })
  }
}
