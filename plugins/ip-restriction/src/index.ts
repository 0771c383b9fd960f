import { definePlugin, reject, type Infer, type Kit } from '@kong-ts/pdk'
import { X509Certificate } from 'node:crypto'
import { AddressList } from './address-list.ts'
import { SourceList } from './source-list.ts'
import { examineSource, type Terms } from './source.ts'

const addresses = { type: 'array', items: { type: 'string', format: 'ip_or_cidr' } } as const
const sources = {
  type: 'array',
  items: { type: 'string', pattern: String.raw`^(/.|https?://[^\s/?#])` },
} as const

const schema = {
  type: 'object',
  properties: {
    allow: { ...addresses, description: 'addresses and ranges that may connect' },
    deny: { ...addresses, description: 'addresses and ranges that may not; goes before allow' },
    allow_from: {
      ...sources,
      description: 'files (from the root) and URLs of lists of those that may connect',
    },
    deny_from: { ...sources, description: 'the same of those that may not' },
    interval: {
      type: 'integer',
      minimum: 1,
      maximum: 604_800,
      default: 300,
      description: 'seconds after which lists of files and URLs are read again',
    },
    timeout: {
      type: 'integer',
      minimum: 1,
      maximum: 9000,
      default: 5000,
      description: 'milliseconds in which a URL has to give the whole list',
    },
    tls_verify: {
      type: 'boolean',
      default: true,
      description: 'whether the certificate of an https URL is verified',
    },
    tls_ca: {
      type: 'string',
      minLength: 1,
      description:
        'PEM certificates of who may have signed it; those that Node knows unless stated',
    },
    status: { type: 'number', description: 'accepted for Kong; layer 4 has no status to send' },
    message: { type: 'string', minLength: 1, description: 'the reason in the log' },
  },
  anyOf: [
    { required: ['allow'] },
    { required: ['deny'] },
    { required: ['allow_from'] },
    { required: ['deny_from'] },
  ],
} as const

type Config = Infer<typeof schema>

/** Somewhere to look a client up. */
interface Lookup {
  has(address: string): boolean
}

export default definePlugin({
  name: 'ip-restriction',
  version: '0.1.0',
  priority: 990,
  description: 'Allows or denies clients by their address',
  schema,
  check: examine,
  async setup(kit) {
    const { allow = [], deny = [], allow_from = [], deny_from = [], interval } = kit.config
    const [allowFrom, denyFrom] = [
      follow('allow_from', allow_from, kit),
      follow('deny_from', deny_from, kit),
    ]
    const [allowSources, denySources] = await Promise.all([allowFrom, denyFrom])
    const followed = [...allowSources, ...denySources]
    const timer =
      followed.length === 0
        ? undefined
        : setInterval(
            () => void Promise.all(followed.map((each) => each.reload())),
            interval * 1000,
          )
    timer?.unref()
    return {
      // As in Kong, an empty list restricts nothing; a source is in force also while it is empty.
      allowed:
        allow.length + allow_from.length > 0 ? [...inline(allow), ...allowSources] : undefined,
      denied: [...inline(deny), ...denySources],
      timer,
    }
  },
  phases: {
    preread({ client: { address } }, { config, state: { allowed, denied } }) {
      if (address.startsWith('unix:')) return reject(nameless)
      const isRefused = isIn(denied, address) || (allowed !== undefined && !isIn(allowed, address))
      if (isRefused) return reject(config.message ?? `IP address not allowed: ${address}`)
    },
  },
  teardown: ({ timer }) => clearInterval(timer),
})

const nameless = 'Cannot identify the client IP address, unix domain sockets are not supported.'

function isIn(lists: readonly Lookup[], address: string): boolean {
  for (const list of lists) if (list.has(address)) return true
  return false
}

function inline(entries: readonly string[]): readonly Lookup[] {
  return entries.length === 0 ? [] : [AddressList.of(entries)]
}

/** 8 MiB: half a million ranges. */
const limit = 8 * 1024 * 1024

/** @throws with the field and the source, when one of them cannot be read for the first time */
async function follow(
  field: 'allow_from' | 'deny_from',
  from: readonly string[],
  kit: Kit<Config>,
): Promise<readonly SourceList[]> {
  const { timeout, interval, tls_verify: verify, tls_ca: ca } = kit.config
  const terms: Terms = { timeout, limit, tls: { verify, ca } }
  // Of all workers the first one whose interval is over reads for all of them.
  const lists = from.map((source) => new SourceList(source, interval * 500, terms, kit))
  try {
    await Promise.all(lists.map((list) => list.open()))
  } catch (error) {
    throw new Error(`config.${field}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  return lists
}

function examine({ allow_from = [], deny_from = [], tls_ca }: Config): string | undefined {
  for (const source of [...allow_from, ...deny_from]) {
    const complaint = examineSource(source)
    if (complaint !== undefined) return complaint
  }
  return tls_ca === undefined || isCertificate(tls_ca)
    ? undefined
    : 'config.tls_ca is no certificate in PEM'
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
