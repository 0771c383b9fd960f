import { mount, replay, type Dial } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import postgresTls from './index.ts'
import { requests } from './requests.ts'

const startup = Buffer.from('\0\0\0\u0009\0\u0003\0\0\0', 'latin1')
const dial = (...bytes: readonly Buffer[]): Dial => ({
  protocol: 'tcp',
  sni: 'db.example',
  bytes: Buffer.concat(bytes),
})

test('a request for TLS is answered, and the startup message comes through TLS', async () => {
  const ended = await replay(postgresTls, {}, dial(requests.tls, startup))
  expect(ended).toMatchObject({ outcome: 'proxied', said: 'S', upload: startup.toString() })
  expect(ended.summary).toMatchObject({ protocol: 'tls', hello: { serverName: 'db.example' } })
})

test('a request for GSS is declined, as the manual has it, and the client may ask for TLS then', async () => {
  const ended = await replay(postgresTls, {}, dial(requests.gss, requests.tls, startup))
  expect(ended).toMatchObject({ said: 'NS', upload: startup.toString() })
})

test('a client that does not ask is told why it is refused', async () => {
  const { outcome, farewell = '', upload } = await replay(postgresTls, {}, dial(startup))
  expect([outcome, upload]).toEqual(['rejected', ''])
  expect(farewell).toMatch(/^E.*C28000\0Mthis server takes connections with TLS only/s)
})

test('unless TLS is not required', async () => {
  const ended = await replay(postgresTls, { required: false }, dial(startup))
  expect(ended).toMatchObject({
    said: '',
    upload: startup.toString(),
    summary: { protocol: 'tcp' },
  })
})

test('TLS from the first byte is let through', async () => {
  const plugin = await mount(postgresTls, {})
  expect(await plugin.connect({ sni: 'db.example' })).toMatchObject({
    outcome: 'proxied',
    said: '',
  })
})
