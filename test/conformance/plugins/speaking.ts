import { reject, slot, type Plugin, type Routed } from '@kong-ts/pdk'
import { smallPlugin } from './small-plugin.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const kept = slot<Routed>('conformance-kept-to-speak')

/** Plugins that hold a dialogue with the client before an upstream is chosen. */
export const speaking: readonly Plugin[] = [
  smallPlugin('speaks-first', { preread: (conn) => conn.say('220 hello\r\n') }),
  smallPlugin('speaks-unasked', {
    preread(conn) {
      for (const word of ['one ', 'two ', 'three ']) void conn.say(word)
    },
  }),
  smallPlugin('speaks-and-rejects', {
    async preread(conn) {
      await conn.say('220 ')
      return reject('said enough', 'bye')
    },
  }),
  smallPlugin('speaks-and-throws', {
    async preread(conn) {
      await conn.say('220 ')
      throw new Error('lost its words')
    },
  }),
  smallPlugin('speaks-too-much', { preread: (conn) => conn.say('x'.repeat(65_537)) }),
  smallPlugin('speaks-too-late', {
    preread: (conn) => conn.set(kept, conn),
    async balance(conn) {
      await conn.get(kept)?.say('late')
    },
  }),
  smallPlugin('takes', {
    async preread(conn, { config: { count = 2 }, log }) {
      log.info({ took: text(await conn.take(count)) }, 'took')
    },
  }),
  smallPlugin('asks-and-takes', {
    async preread(conn, { log }) {
      await conn.say('name? ')
      const look = text((await conn.peek(5)).subarray(0, 5))
      const [first, second] = await Promise.all([conn.take(3), conn.take(2)])
      log.info({ look, first: text(first), second: text(second) }, 'asked')
      if (look !== 'alice') return reject('who?', 'go away')
      await conn.say('welcome ')
    },
  }),
  smallPlugin('starts-tls', {
    async preread(conn, { log }) {
      log.info({ asked: text(await conn.take(8)) }, 'took')
      await conn.say('S')
      conn.startTls()
    },
  }),
]
