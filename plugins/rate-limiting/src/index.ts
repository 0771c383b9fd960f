import { definePlugin, reject } from '@kong-ts/pdk'
import type { Routed } from '@kong-ts/pdk'
import { takeAll } from './take-all.ts'
import { examineLimits, windowAt, windowsOf } from './windows.ts'

const limit = { type: 'integer', exclusiveMinimum: 0 } as const

export default definePlugin({
  name: 'rate-limiting',
  version: '0.1.0',
  priority: 910,
  description: 'Limits new connections per second, minute, hour and day',
  schema: {
    type: 'object',
    properties: {
      second: { ...limit, description: 'connections per second' },
      minute: { ...limit, description: 'connections per minute' },
      hour: { ...limit, description: 'connections per hour' },
      day: { ...limit, description: 'connections per day' },
      limit_by: {
        enum: ['ip', 'service', 'route'],
        default: 'ip',
        description: 'whose connections are counted together',
      },
      policy: { enum: ['local'], default: 'local', description: 'where is counted: this node' },
      error_message: {
        type: 'string',
        minLength: 1,
        default: 'rate limit exceeded',
        description: 'the reason in the log',
      },
    },
    anyOf: [
      { required: ['second'] },
      { required: ['minute'] },
      { required: ['hour'] },
      { required: ['day'] },
    ],
  },
  check: examineLimits,
  setup: ({ config }) => windowsOf(config),
  phases: {
    preread(conn, { config, state: windows, clock, counters }) {
      const who = `${config.limit_by}:${identify(conn, config.limit_by)}`
      const now = clock.now()
      const permits = windows.map((window) => {
        const { start, end } = windowAt(window.period, now)
        // With its start in the key, a permit that is given back late cannot fall into the next window.
        return { key: `${who}:${start}:${window.period}`, limit: window.limit, until: end }
      })
      const verdict = (isTaken: boolean) => (isTaken ? undefined : reject(config.error_message))
      const taken = takeAll(counters, permits)
      return typeof taken === 'boolean' ? verdict(taken) : taken.then(verdict)
    },
  },
})

/** A connection without a service is refused anyway; until then they count together. */
function identify({ client, service, route }: Routed, by: 'ip' | 'service' | 'route'): string {
  if (by === 'ip') return client.address
  return by === 'route' ? route.id : (service?.id ?? 'none')
}
