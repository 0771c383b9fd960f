import { reject, slot, type Plugin, type Routed } from '@kong-ts/pdk'
import { note } from './digest.ts'
import { smallPlugin } from './small-plugin.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Longer looks than what was asked for depend on how the bytes arrived. */
const start = (bytes: Uint8Array, count: number): string => text(bytes.subarray(0, count))

const kept = slot<Routed>('conformance-kept')

export const looking: readonly Plugin[] = [
  smallPlugin('peeks', {
    async preread(conn, { config: { count = 1 }, log }) {
      log.info({ saw: start(await conn.peek(count), count) }, 'peeked')
    },
  }),
  smallPlugin('peeks-twice', {
    async preread(conn, { log }) {
      const less = start(await conn.peek(2), 2)
      log.info(
        { less, more: start(await conn.peek(5), 5), again: start(await conn.peek(3), 3) },
        'peeked',
      )
    },
  }),
  smallPlugin('peeks-at-once', {
    async preread(conn, { log }) {
      const [more, less] = await Promise.all([conn.peek(5), conn.peek(2)])
      log.info({ more: start(more, 5), less: start(less, 2) }, 'peeked')
    },
  }),
  smallPlugin('peeks-and-writes', {
    async preread(conn, { log }) {
      const first = await conn.peek(5)
      first.fill(0x58)
      log.info({ later: start(await conn.peek(5), 5) }, 'scribbled')
    },
  }),
  smallPlugin('catches-and-goes-on', {
    async preread(conn, { log }) {
      try {
        await conn.peek(99)
      } catch (error) {
        log.info({ text: (error as Error).message }, 'caught')
      }
    },
  }),
  smallPlugin('catches-and-rejects', {
    preread: (conn) =>
      conn.peek(99).then(
        () => undefined,
        () => reject('too short', 'bye'),
      ),
  }),
  smallPlugin('catches-and-throws', {
    preread: (conn) =>
      conn.peek(99).then(
        () => undefined,
        () => {
          throw new Error('my own words')
        },
      ),
  }),
  smallPlugin('does-not-wait', {
    preread(conn) {
      conn.peek(99).catch(() => undefined)
    },
  }),
  smallPlugin('peeks-too-late', {
    preread: (conn) => conn.set(kept, conn),
    async balance(conn) {
      await conn.get(kept)?.peek(1)
    },
  }),
  smallPlugin('guards-the-opening', {
    async preread(conn) {
      if (text(await conn.peek(3)) !== 'yes') return reject('wrong opening', 'say yes')
    },
  }),
  smallPlugin('hands-on', {
    preread: (conn) => conn.set(note, `from ${conn.protocol}`),
    balance: (conn) => conn.set(note, `${conn.get(note)}, balanced`),
    log: (summary, { log }) => log.info({ note: summary.get(note) }, 'heard'),
  }),
]
