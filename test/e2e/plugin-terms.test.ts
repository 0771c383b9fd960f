import { expect, test } from 'vitest'
import { until } from './support/gateway.ts'
import { serveEcho, talk } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

test('shadow mode: what a policy would refuse passes and is told, until it is enforced; its counts go on', async () => {
  const gateway = await startWithPlugins({})
  const echo = await serveEcho()
  await routeTo(gateway, echo.port)
  const config = { day: 2, limit_by: 'ip' }
  const shadow = { name: 'rate-limiting', config, mode: 'shadow' }
  const { id, mode } = await gateway.create('/routes/plain/plugins', shadow)
  expect(mode).toBe('shadow')
  const said = async () => (await talk(gateway.port, 'hi')).received
  for (let count = 0; count < 4; count++) expect(await said()).toBe('hi')
  await until(() => gateway.endings().length === 4)
  const would = [{ plugin: 'rate-limiting', reason: 'rate limit exceeded' }]
  expect(gateway.endings().map(({ would_reject }) => would_reject)).toEqual([
    undefined,
    undefined,
    would,
    would,
  ])
  expect((await gateway.admin('PATCH', `/plugins/${id}`, { mode: 'enforce' })).status).toBe(200)
  expect(await said()).toBe('')
  await until(() => gateway.endings().length === 5)
  expect(gateway.endings()[4]).toMatchObject({ ending: 'plugin.rate-limiting.rejected' })
  const { body } = await gateway.admin('PATCH', `/plugins/${id}`, { mode: null })
  expect(body).not.toHaveProperty('mode')
})

const broken = `phases: { async preread() { throw new Error('out of order') } },`
const stuck = `phases: { preread: () => new Promise(() => undefined) },`

test('shadow mode: bytes flow as if there were no transform, and nobody is sent elsewhere', async () => {
  const change = `through('upload', new Transform({
    transform: (chunk, _e, done) => (String(chunk) === 'bad' ? done(new Error('not that')) : done(null, 'changed')) }))`
  const gateway = await startWithPlugins({
    changes: `phases: {
      preread: (conn) => void conn.forward({ host: '127.0.0.1', port: 1 }), proxy: (conn) => conn.${change} },`,
  })
  await routeTo(gateway, (await serveEcho()).port)
  const plugin = { name: 'changes', mode: 'shadow' }
  const { id } = await gateway.create('/routes/plain/plugins', plugin)
  expect((await talk(gateway.port, 'good')).received).toBe('good')
  expect((await talk(gateway.port, 'bad')).received).toBe('bad')
  await until(() => gateway.output().includes('"would_reject"'))
  expect(gateway.output()).toContain('"would_reject":[{"plugin":"changes","reason":"not that"}]')
  await gateway.admin('PATCH', `/plugins/${id}`, { mode: 'enforce' })
  expect((await talk(gateway.port, 'good')).received).toBe('')
})

test('a broken plugin closes, is passed over, or is switched off; a slow one has the time that it was given', async () => {
  const gateway = await startWithPlugins({ broken, stuck })
  const echo = await serveEcho()
  await routeTo(gateway, echo.port)
  const said = async () => (await talk(gateway.port, 'hi')).received
  const { id } = await gateway.create('/routes/plain/plugins', { name: 'broken' })
  expect(await said()).toBe('')
  await gateway.admin('PATCH', `/plugins/${id}`, { on_error: 'open' })
  expect(await said()).toBe('hi')
  await gateway.admin('PATCH', `/plugins/${id}`, { on_error: 'disable' })
  for (let count = 0; count < 3; count++) expect(await said()).toBe('hi')
  const times = (text: string) => gateway.output().split(text).length - 1
  await until(() => times('out of order; it takes no further part') === 1)
  expect(times('out of order; the connection goes on without it')).toBe(1)
  await gateway.admin('DELETE', `/plugins/${id}`)

  const patient = { name: 'stuck', timeout_ms: 5, on_error: 'open' }
  await gateway.create('/routes/plain/plugins', patient)
  expect(await said()).toBe('hi')
  await until(() => times('did not settle within 5 ms; the connection goes on without it') === 1)
})

test.each([
  [{ mode: 'dry' }, { mode: 'expected one of: enforce, shadow' }],
  [{ on_error: 'ignore' }, { on_error: 'expected one of: close, open, disable' }],
  [{ timeout_ms: 0 }, { timeout_ms: 'value should be between 1 and 2147483646' }],
])('%j is refused', async (terms, fields) => {
  const gateway = await startWithPlugins({})
  const refused = await gateway.admin('POST', '/plugins', { name: 'file-log', ...terms })
  expect(refused).toMatchObject({ status: 400, body: { fields } })
})
