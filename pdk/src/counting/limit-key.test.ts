import { expect, test } from 'vitest'
import { definePlugin, reject, terminate, type Input, type ObjectSchema } from '../index.ts'
import { checkLimitKey, limitKey, limitKeyFields, limitPhase } from './limit-key.ts'
import { mount, type Dial } from '../testing/index.ts'

/** Refuses with the key, in the phase in which it is known. */
const teller = definePlugin({
  name: 'teller',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: limitKeyFields },
  check: checkLimitKey,
  phases: {
    preread: (conn, { config }) =>
      limitPhase(config) === 'preread' ? reject(limitKey(conn, config)) : undefined,
    tls: () => terminate({ clientCertificate: { ca: [], required: false } }),
    balance: (conn, { config }) => reject(limitKey(conn, config)),
  },
})

async function key(config: object, dial: Dial): Promise<unknown> {
  const plugin = await mount(teller, config)
  return (await plugin.connect(dial)).reason
}

test.each([
  ['10.1.2.3', {}, 'ip:10.1.2.3'],
  ['::ffff:10.1.2.3', {}, 'ip:10.1.2.3'],
  ['10.1.2.3', { ipv4_prefix: 24 }, 'ip:10.1.2.0/24'],
  ['255.255.255.255', { ipv4_prefix: 1 }, 'ip:128.0.0.0/1'],
  ['2001:db8:1:2:3:4:5:6', {}, 'ip:2001:db8:1:2/64'],
  ['2001:db8::6', {}, 'ip:2001:db8:0:0/64'],
  ['2001:0DB8::6', { ipv6_prefix: 20 }, 'ip:2001:0/20'],
  ['2001:db8:ffff::6', { ipv6_prefix: 36 }, 'ip:2001:db8:f000/36'],
  ['::1', {}, 'ip:0:0:0:0/64'],
  ['fe80::1%eth0', {}, 'ip:fe80:0:0:0/64'],
  ['64:ff9b::10.0.0.1', { ipv6_prefix: 128 }, 'ip:64:ff9b::10.0.0.1'],
  ['64:ff9b::10.0.0.1', { ipv6_prefix: 104 }, 'ip:64:ff9b:0:0:0:0:a00/104'],
  ['unix:', {}, 'ip:unix:'],
])('%s with %j is %s', async (from, config, expected) => {
  expect(await key(config, { from })).toBe(expected)
})

test.each<[string, Dial, string]>([
  ['sni', { sni: 'a.test' }, 'sni:a.test'],
  ['sni', { from: '10.0.0.1' }, 'ip:10.0.0.1'],
  ['service', { service: { id: 's' } }, 'service:s'],
  ['route', { route: { id: 'r' } }, 'route:r'],
  ['listener', { to: '10.0.0.9:25' }, 'listener:10.0.0.9:25'],
  [
    'client-certificate',
    { sni: 'a.test', certificate: { verified: true, fingerprint: 'ab' } },
    'client-certificate:ab',
  ],
  [
    'client-certificate',
    { sni: 'a.test', from: '10.0.0.1', certificate: { verified: false, fingerprint: 'ab' } },
    'ip:10.0.0.1',
  ],
  ['client-certificate', { from: '10.0.0.1' }, 'ip:10.0.0.1'],
])('by %s, of %j: %s', async (limit_by, dial, expected) => {
  expect(await key({ limit_by }, dial)).toBe(expected)
})

test.each([
  ['blue', 'slot:blue'],
  [7, 'slot:7'],
  [{ name: 'blue' }, 'slot:{"name":"blue"}'],
  [undefined, 'ip:127.0.0.1'],
  [null, 'ip:127.0.0.1'],
])('a slot that holds %j: %s', async (value, expected) => {
  const dial = { slots: [[{ name: 'tenant' }, value]] } as const
  expect(await key({ limit_by: 'slot', slot: 'tenant' }, dial)).toBe(expected)
})

test.each<[Input<ObjectSchema & { properties: typeof limitKeyFields }>, string]>([
  [{ limit_by: 'slot' }, 'config.slot is required with limit_by=slot'],
  [{ slot: 'tenant' }, 'config.slot is only used with limit_by=slot'],
  [{ ipv4_prefix: 33 }, 'ipv4_prefix'],
])('%j is refused', async (config, message) => {
  await expect(mount(teller, config)).rejects.toThrow(message)
})
