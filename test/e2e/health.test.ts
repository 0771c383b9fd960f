import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { balanceOver } from './support/backends.ts'
import { startGateway, temporaryFolder, until } from './support/gateway.ts'
import { answers, healthOf, mark, mortal, often, stay, untilHealth } from './support/health.ts'
import { serve, serveTls, talk } from './support/peers.ts'

const noRetries = { retries: 0 }
const twoWorkers = { settings: { worker_processes: '2' } }

test('a dead target is found out and avoided, and comes back', async () => {
  const gateway = await startGateway(twoWorkers)
  const [a, b] = [await mortal('a'), await mortal('b')]
  const upstream = { healthchecks: often() }
  const targets = [[a.target, 100] as const, [b.target, 100] as const]
  await balanceOver(gateway, targets, { upstream, service: noRetries })
  await untilHealth(gateway, { [a.target]: 'HEALTHY', [b.target]: 'HEALTHY' })
  expect(await answers(gateway, 10)).toEqual(new Set(['a', 'b']))

  await a.die()
  await untilHealth(gateway, { [a.target]: 'UNHEALTHY', [b.target]: 'HEALTHY' })
  const whole = await gateway.admin('GET', '/upstreams/pool.test/health?balancer_health=1')
  expect(whole.body.data).toMatchObject({
    health: 'HEALTHY',
    details: { weight: { total: 200, available: 100, unavailable: 100 } },
  })
  await until(async () => (await answers(gateway, 20)).size === 1)
  expect(await answers(gateway, 20)).toEqual(new Set(['b']))
  expect(gateway.output()).toMatch(/"by":"active","why":"connect ECONNREFUSED.*turned unhealthy/)

  // Workers that start know it from the first connection on.
  const before = await gateway.workers()
  for (const pid of before) process.kill(pid, 'SIGKILL')
  await until(async () => {
    const now = await gateway.workers()
    return now.length === 2 && now.every((pid) => !before.includes(pid))
  })
  expect(await answers(gateway, 20)).toEqual(new Set(['b']))

  await a.live()
  await untilHealth(gateway, { [a.target]: 'HEALTHY' })
  await until(async () => (await answers(gateway, 10)).size === 2)
  expect(await answers(gateway, 20)).toEqual(new Set(['a', 'b']))
})

test('tries count, the last one of a connection too', async () => {
  const gateway = await startGateway(twoWorkers)
  const a = await mortal('a')
  const healthchecks = { passive: { unhealthy: { tcp_failures: 3 } } }
  await balanceOver(gateway, [[a.target, 100]], { upstream: { healthchecks }, service: noRetries })
  expect(await answers(gateway, 5)).toEqual(new Set(['a']))
  await untilHealth(gateway, { [a.target]: 'HEALTHY' })
  await a.die()
  for (let time = 0; time < 3; time++) await talk(gateway.port, 'who?')
  await untilHealth(gateway, { [a.target]: 'UNHEALTHY' })
  await until(async () => {
    await talk(gateway.port, 'who?')
    return gateway.endings().at(-1)?.['ending'] === 'upstream.targets.unhealthy'
  })
  await a.live()
  // Nothing looks by itself whether it is back: an operator says so, or leaves it to the tries again.
  expect(await mark(gateway, a.target, 'healthy')).toMatchObject({ status: 204 })
  expect(await answers(gateway, 5)).toEqual(new Set(['a']))
  expect(await mark(gateway, a.target, 'automatic')).toMatchObject({ status: 204 })
  expect((await healthOf(gateway))[a.target]).toMatchObject({ health: 'HEALTHY' })
  expect((await healthOf(gateway))[a.target]).not.toHaveProperty('manual')
})

test('all targets down is a clear ending; the first that is back is used', async () => {
  const gateway = await startGateway()
  const [a, b] = [await mortal('a'), await mortal('b')]
  const targets = [[a.target, 100] as const, [b.target, 100] as const]
  await balanceOver(gateway, targets, { upstream: { healthchecks: often() } })
  await Promise.all([a.die(), b.die()])
  await untilHealth(gateway, { [a.target]: 'UNHEALTHY', [b.target]: 'UNHEALTHY' })
  expect(await answers(gateway, 1)).toEqual(new Set(['']))
  await until(() => gateway.endings().at(-1)?.['ending'] === 'upstream.targets.unhealthy')
  const whole = await gateway.admin('GET', '/upstreams/pool.test/health?balancer_health=1')
  expect(whole.body.data).toMatchObject({ balancer_health: 'UNHEALTHY' })
  await b.live()
  await untilHealth(gateway, { [b.target]: 'HEALTHY' })
  expect(await answers(gateway, 5)).toEqual(new Set(['b']))
})

test('an upstream of which too little is left is not used', async () => {
  const gateway = await startGateway()
  const [a, b] = [await mortal('a'), await mortal('b')]
  const targets = [[a.target, 60] as const, [b.target, 40] as const]
  await balanceOver(gateway, targets, { upstream: { healthchecks: { ...often(), threshold: 40 } } })
  await untilHealth(gateway, { [a.target]: 'HEALTHY' })
  await a.die()
  await untilHealth(gateway, { [a.target]: 'UNHEALTHY', [b.target]: 'HEALTHY' })
  const whole = await gateway.admin('GET', '/upstreams/pool.test/health?balancer_health=1')
  expect(whole.body.data).toMatchObject({ health: 'UNHEALTHY', details: { healthy: false } })
  expect(await answers(gateway, 3)).toEqual(new Set(['']))
})

test('each kind of probe tells a server that is well from one that is not', async () => {
  const folder = temporaryFolder()
  const authority = await createSelfSigned({ key: 'ec', commonName: 'ca', days: 1, ca: true })
  const trusted = join(folder, 'ca.pem')
  writeFileSync(trusted, authority.cert)
  const gateway = await startGateway({ settings: { trusted_certificate: trusted } })
  const issue = (names: readonly string[], days = 1) =>
    createSelfSigned({ key: 'ec', commonName: 'x', names, days, issuer: authority })
  const well = await serveTls(await issue(['127.0.0.1']), (socket) => void socket.resume())
  const named = await serveTls(await issue(['a.test']), (socket) => void socket.resume())
  const expired = await serveTls(await issue(['127.0.0.1'], -1), (socket) => void socket.resume())
  const silent = await serve((socket) => void socket.resume())
  const closing = await serve((socket) => void socket.end())
  const smtp = await serve((socket) => {
    socket.write('220 mail.test ESMTP\r\n')
    socket.on('data', (data) => void socket.write(`250 ${String(data)}`))
  })
  let status = 200
  const http = await serve((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 ${status} x\r\nContent-Length: 0\r\n\r\n`))
  })
  const hello = { send: 'EHLO probe\\r\\n', expect: '220 ' }
  const cases = {
    'tls-well': [well, { type: 'tls' }, 'HEALTHY'],
    'tls-other-name': [named, { type: 'tls' }, 'UNHEALTHY'],
    'tls-sni': [named, { type: 'tls', https_sni: 'a.test' }, 'HEALTHY'],
    'tls-expired': [expired, { type: 'tls' }, 'UNHEALTHY'],
    'tls-unverified': [expired, { type: 'tls', https_verify_certificate: false }, 'HEALTHY'],
    'tls-silent': [silent, { type: 'tls', timeout: 0.1 }, 'UNHEALTHY'],
    'tcp-silent': [silent, { type: 'tcp' }, 'HEALTHY'],
    'tcp-closing': [closing, { type: 'tcp' }, 'HEALTHY'],
    'expect-silent': [silent, { ...hello, timeout: 0.1 }, 'UNHEALTHY'],
    'expect-closing': [closing, hello, 'UNHEALTHY'],
    smtp: [smtp, { ...hello, expect_regex: '^220.*\\r\\n250 EHLO probe\\r\\n' }, 'HEALTHY'],
    'smtp-other': [smtp, { ...hello, expect: '554 ' }, 'UNHEALTHY'],
    http: [http, { type: 'http', http_path: '/up' }, 'HEALTHY'],
    'http-closing': [closing, { type: 'http' }, 'UNHEALTHY'],
    'https-on-plain': [http, { type: 'https' }, 'UNHEALTHY'],
  } as const
  for (const [name, [{ port }, active]] of Object.entries(cases)) {
    const timeout = 'timeout' in active ? active.timeout : 5
    await gateway.create('/upstreams', { name, healthchecks: often({ ...active, timeout }) })
    await gateway.create(`/upstreams/${name}/targets`, { target: `127.0.0.1:${port}` })
  }
  for (const [name, [{ port }, , health]] of Object.entries(cases)) {
    await untilHealth(gateway, { [`127.0.0.1:${port}`]: health }, name)
  }
  status = 503
  await untilHealth(gateway, { [`127.0.0.1:${http.port}`]: 'UNHEALTHY' }, 'http')
  expect(gateway.output()).toMatch(/"why":"status 503","count":2,"msg":"a peer turned unhealthy"/)
  status = 200
  await untilHealth(gateway, { [`127.0.0.1:${http.port}`]: 'HEALTHY' }, 'http')
  // By now those that are well were looked at many times.
  for (const [name, [{ port }, , health]] of Object.entries(cases)) {
    const { [`127.0.0.1:${port}`]: row } = await healthOf(gateway, name)
    expect([name, row?.health]).toEqual([name, health])
  }
})

test('bytes and expressions that mean nothing are refused by their names', async () => {
  const gateway = await startGateway()
  const refused = [
    [{ send: 'a\\q' }, { send: expect.stringContaining("invalid escape '\\q'") }],
    [{ expect: '\\x1' }, { expect: expect.stringContaining("invalid escape '\\x1'") }],
    [{ expect_regex: '(' }, { expect_regex: "invalid regex '(': Unterminated group" }],
    [{ expect_regex: '(a)\\1' }, { expect_regex: expect.stringContaining('in linear time') }],
    [{ expect_regex: 'a'.repeat(1025) }, { expect_regex: 'length must be at most 1024' }],
  ]
  for (const [active, fields] of refused) {
    const body = { name: 'pool.test', healthchecks: { active } }
    expect(await gateway.admin('POST', '/upstreams', body)).toMatchObject({
      status: 400,
      body: { name: 'schema violation', fields: { healthchecks: { active: fields } } },
    })
  }
})

test('on_unhealthy close ends the connections of a target that turns unhealthy', async () => {
  const gateway = await startGateway(twoWorkers)
  const [a, b] = [await mortal('a'), await mortal('b')]
  const upstream = { healthchecks: often(), on_unhealthy: 'close', on_unhealthy_window: 0.1 }
  await balanceOver(gateway, [[a.target, 100]], { upstream })
  const held = await Promise.all([stay(gateway), stay(gateway), stay(gateway)])
  await gateway.create('/upstreams/pool.test/targets', { target: b.target })
  expect(await mark(gateway, a.target, 'unhealthy')).toMatchObject({ status: 204 })
  await Promise.all(held.map(({ over }) => over))
  await until(() => gateway.endings().length >= 3)
  expect(new Set(gateway.endings().map(({ ending }) => ending))).toEqual(
    new Set(['gateway.target.unhealthy']),
  )
  expect(await answers(gateway, 5)).toEqual(new Set(['b']))
})
