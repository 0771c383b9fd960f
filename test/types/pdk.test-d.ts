import { definePlugin, passthrough, reject, slot } from '@kong-ts/pdk'
import type { Infer, Input, Plugin, Target } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import { expectTypeOf } from 'vitest'

/** Checked by tsc alone; never run. */

const head = { name: 'trial', version: '1.0.0', priority: 1 } as const
const empty = { type: 'object', properties: {} } as const
const schema = {
  type: 'object',
  properties: {
    limit: { type: 'integer' },
    window: { type: 'integer', default: 60 },
    by: { enum: ['client', 'route'], default: 'client' },
    list: { type: 'array', items: { type: 'string' } },
    server: {
      type: 'object',
      properties: { host: { type: 'string' }, port: { type: 'integer' } },
      required: ['host'],
    },
    labels: { type: 'object', additionalProperties: { type: 'boolean' } },
  },
  required: ['limit'],
} as const

// A phase sees required and defaulted keys; the others may be absent.
expectTypeOf<Infer<typeof schema>>().toEqualTypeOf<{
  readonly limit: number
  readonly window: number
  readonly by: 'client' | 'route'
  readonly list?: readonly string[]
  readonly server?: { readonly host: string; readonly port?: number }
  readonly labels?: Readonly<Record<string, boolean>>
}>()

// An operator may leave out whatever has a default.
expectTypeOf<Input<typeof schema>>().toEqualTypeOf<{
  readonly limit: number
  readonly window?: number
  readonly by?: 'client' | 'route'
  readonly list?: readonly string[]
  readonly server?: { readonly host: string; readonly port?: number }
  readonly labels?: Readonly<Record<string, boolean>>
}>()

// The literal needs no `as const`, and the state is what setup resolves to.
const stateful = definePlugin({
  ...head,
  schema: { type: 'object', properties: { reason: { type: 'string', default: 'closed' } } },
  setup: async ({ config }) => new Map([[config.reason, 1]]),
  phases: {
    preread(_conn, { config, state }) {
      expectTypeOf(config).toEqualTypeOf<{ readonly reason: string }>()
      expectTypeOf(state).toEqualTypeOf<Map<string, number>>()
      return reject(config.reason)
    },
  },
  teardown: (state) => void expectTypeOf(state).toEqualTypeOf<Map<string, number>>(),
})

// Without setup the state is undefined.
definePlugin({
  ...head,
  schema: empty,
  phases: { accept: (_conn, { state }) => void expectTypeOf(state).toEqualTypeOf<undefined>() },
})

// A host holds any plugin, without a cast.
expectTypeOf(stateful).toExtend<Plugin>()

definePlugin({
  ...head,
  schema: empty,
  phases: {
    // @ts-expect-error: there are no bytes before a route
    accept: async (conn) => void (await conn.peek(1)),
    // @ts-expect-error: nobody knows a target yet
    preread: (conn) => void conn.target,
    // @ts-expect-error: a target is no answer about TLS
    tls: () => ({ host: 'a', port: 1 }),
  },
})

definePlugin({
  ...head,
  schema: empty,
  phases: {
    // @ts-expect-error: a decision about TLS is no answer here
    preread: () => passthrough,
    // @ts-expect-error: a target has a port
    balance: () => ({ host: 'a' }),
  },
})

definePlugin({
  ...head,
  schema: empty,
  phases: {
    // @ts-expect-error: the bytes are on their way, nothing can be refused any more
    proxy: () => reject('late'),
    // @ts-expect-error: it is over
    log: () => reject('later'),
  },
})

definePlugin({
  ...head,
  schema: { type: 'object', properties: { limit: { type: 'integer' } } },
  phases: {
    // @ts-expect-error: the schema has no such key
    preread: (_conn, { config }) => void config.limits,
  },
})

// There is a target in balance, and any other may be the answer.
definePlugin({
  ...head,
  schema: empty,
  phases: {
    balance: ({ targets }) => {
      expectTypeOf(targets[0]).toEqualTypeOf<Target>()
      return { host: 'elsewhere', port: 1 }
    },
  },
})

// It may have terms of its own, and only those that there are.
definePlugin({
  ...head,
  schema: empty,
  phases: {
    preread: async (conn) => {
      expectTypeOf(await conn.take(1)).toEqualTypeOf<Uint8Array>()
      await conn.say('220 hello')
      conn.startTls()
    },
    balance: () => ({ host: 'a', port: 1, tls: { verify: true }, timeouts: { connect: 500 } }),
    // @ts-expect-error: what was said is said before the route's TLS
    tls: (conn) => void conn.say('late'),
  },
})
definePlugin({
  ...head,
  schema: empty,
  phases: {
    // @ts-expect-error: a name is written serverName
    balance: () => ({ host: 'a', port: 1, tls: { servername: 'a' } }),
    // @ts-expect-error: nothing can be taken once the bytes flow
    proxy: (conn) => void conn.take(1),
  },
})

definePlugin({
  ...head,
  schema: {
    type: 'object',
    properties: {
      // @ts-expect-error: the types are those of JSON Schema
      a: { type: 'text' },
    },
  },
  phases: {},
})

definePlugin({
  ...head,
  schema: empty,
  phases: {
    // @ts-expect-error: there is no such phase
    rewrite: () => {},
  },
})

// The test kit takes what an operator may write.
void mount(stateful, {})
// @ts-expect-error: the key has another type
void mount(stateful, { reason: 1 })
// @ts-expect-error: there is no such key
void mount(stateful, { raeson: 'closed' })

// A slot carries its type.
const seen = slot<number>('seen')
definePlugin({
  ...head,
  schema: empty,
  phases: {
    // @ts-expect-error: the slot holds a number
    preread: (conn) => conn.set(seen, 'text'),
    log: (summary) => void expectTypeOf(summary.get(seen)).toEqualTypeOf<number | undefined>(),
  },
})
