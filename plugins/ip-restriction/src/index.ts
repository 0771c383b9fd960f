import {
  checkSourceFields,
  definePlugin,
  examineSource,
  reject,
  sourceFields,
  type Infer,
} from '@kong-ts/pdk'
import { openLists, type Lookup } from './open-lists.ts'

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
    ...sourceFields,
    status: { type: 'number', description: 'accepted for Kong; layer 4 has no status to send' },
    message: { type: 'string', minLength: 1, description: 'the reason in the log' },
  },
} as const

type Config = Infer<typeof schema>

export default definePlugin({
  name: 'ip-restriction',
  version: '0.1.0',
  priority: 990,
  description: 'Allows or denies clients by their address',
  schema,
  check: examine,
  setup: openLists,
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

/** Kong's words for a configuration without any list; those of files and URLs are as good as its own. */
const noList = "at least one of these fields must be non-empty: 'config.allow', 'config.deny'"

function examine(config: Config): string | undefined {
  const { allow_from = [], deny_from = [] } = config
  if (!hasList(config)) return noList
  for (const source of [...allow_from, ...deny_from]) {
    const complaint = examineSource(source)
    if (complaint !== undefined) return complaint
  }
  return checkSourceFields(config)
}

function hasList({ allow = [], deny = [], allow_from = [], deny_from = [] }: Config): boolean {
  return [allow, deny, allow_from, deny_from].some((list) => list.length > 0)
}
