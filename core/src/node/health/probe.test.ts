import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { readChecks, type ProbePlan } from '../../balancing/health/checks.ts'
import { createSelfSigned } from '../../certificates/self-signed.ts'
import { world } from '../../entities/plan.fixture.ts'
import { probe, type Finding } from './probe.ts'
import { closedPort, serveWith } from './servers.fixture.ts'

const authority = await createSelfSigned({ key: 'ec', commonName: 'ca', days: 1, ca: true })
const issued = (...names: string[]) =>
  createSelfSigned({ key: 'ec', commonName: 'leaf', names, days: 1, issuer: authority })
const trusting = (): SecureContext => createSecureContext({ ca: authority.cert })

function planOf(active: object): ProbePlan {
  const { set, create } = world()
  const healthchecks = { active: { timeout: 10, ...active, healthy: { interval: 1 } } }
  const { id } = create('upstreams', { name: 'pool.test', healthchecks })
  const row = set.get('upstreams', String(id))
  const plan = row && readChecks(row)?.active.probe
  if (!plan) throw new Error('nothing is checked')
  return plan
}

function look(port: number, active: object, host = 'a.test', context = trusting): Promise<Finding> {
  return probe({ ip: '127.0.0.1', port, host, hostHeader: host }, planOf(active), context)
}

const quiet = (socket: Socket): void => void socket.resume()

test('tcp: whoever accepts is well, and is left in order', async () => {
  const ends: string[] = []
  const server = await serveWith((socket) => {
    socket.on('end', () => void ends.push('end')).on('error', () => void ends.push('error'))
    socket.resume()
  })
  expect(await look(server.port, { type: 'tcp' })).toEqual({ report: 'success', why: 'connected' })
  expect(await look(server.port, { type: 'grpc' })).toMatchObject({ report: 'success' })
  await expect.poll(() => [server.live, ends]).toEqual([0, ['end', 'end']])
})

test('who speaks first, and who never ends, are left in order as well', async () => {
  const ends: string[] = []
  const watch = (socket: Socket): void => {
    socket.on('end', () => void ends.push('end')).on('error', () => void ends.push('error'))
    socket.resume()
  }
  const banner = await serveWith((socket) => {
    watch(socket)
    socket.write('220 '.repeat(1000))
  })
  const greeter = await serveWith(
    (socket) => {
      watch(socket)
      socket.write('220 '.repeat(1000))
    },
    await issued('a.test'),
  )
  for (let time = 0; time < 5; time++) {
    await look(banner.port, { type: 'tcp' })
    await look(banner.port, { type: 'tcp', expect: '220' })
    await look(greeter.port, { type: 'tls' })
  }
  await expect.poll(() => [banner.live, greeter.live]).toEqual([0, 0])
  expect(new Set(ends)).toEqual(new Set(['end']))
})

test('tcp: nobody there', async () => {
  const finding = await look(await closedPort(), { type: 'tcp' })
  expect(finding).toMatchObject({ report: 'tcp_failure' })
  expect(finding.why).toContain('ECONNREFUSED')
})

test('bytes are said, and held against what is expected', async () => {
  const server = await serveWith((socket) => {
    socket.write('220 mail.test ')
    socket.once('data', (data) => socket.write(`ESMTP\r\n250 ${String(data)}`))
  })
  const smtp = { type: 'tcp', send: 'EHLO probe\\r\\n' }
  const met = { report: 'success', why: 'answered' }
  expect(await look(server.port, { ...smtp, expect: '220 ' })).toEqual(met)
  const regex = '^220.*\\r\\n250 EHLO probe\\r\\n'
  expect(await look(server.port, { ...smtp, expect_regex: regex })).toEqual(met)
  expect(await look(server.port, { ...smtp, expect: '554' })).toEqual({
    report: 'tcp_failure',
    why: 'the answer is another one',
  })
  await expect.poll(() => server.live).toBe(0)
})

test('a target that accepts and closes, and one that accepts and is silent', async () => {
  const closing = await serveWith((socket) => socket.end())
  const silent = await serveWith(quiet)
  expect(await look(closing.port, { type: 'tcp', expect: 'a' })).toEqual({
    report: 'tcp_failure',
    why: 'it closed the connection',
  })
  for (const active of [{ type: 'tcp', expect: 'a' }, { type: 'http' }, { type: 'tls' }]) {
    expect(await look(silent.port, { ...active, timeout: 0.05 })).toEqual({
      report: 'timeout',
      why: 'no answer within 50 ms',
    })
  }
  await expect.poll(() => silent.live).toBe(0)
})

test('http: the status decides; what is no HTTP is a failure', async () => {
  const requests: string[] = []
  let answer = 'HTTP/1.1 200 OK\r\n\r\n'
  const server = await serveWith((socket) => {
    socket.on('data', (data) => {
      requests.push(String(data))
      socket.write(answer)
    })
  })
  const active = { type: 'http', http_path: '/up', headers: { 'x-a': ['1'] } }
  expect(await look(server.port, active)).toEqual({ report: 'success', why: 'status 200' })
  expect(requests[0]).toMatch(/^GET \/up HTTP\/1.1\r\nHost: a.test\r\n[^]*x-a: 1\r\n\r\n$/)
  for (const [line, report] of [
    ['HTTP/1.1 503 Away', 'http_failure'],
    ['HTTP/1.1 418 Teapot', undefined],
    ['SSH-2.0-x', 'tcp_failure'],
  ] as const) {
    answer = `${line}\r\n\r\n`
    expect((await look(server.port, active)).report).toBe(report)
  }
})

test('tls: the handshake, and the certificate where it is asked for', async () => {
  const right = await serveWith(quiet, await issued('a.test', '127.0.0.1'))
  const wrong = await serveWith(quiet, await issued('b.test'))
  const foreign = await serveWith(
    quiet,
    await createSelfSigned({ key: 'ec', commonName: 'x', names: ['a.test'], days: 1 }),
  )
  const expired = await serveWith(
    quiet,
    await createSelfSigned({
      key: 'ec',
      commonName: 'x',
      names: ['a.test'],
      days: -1,
      issuer: authority,
    }),
  )
  const plain = await serveWith((socket) => socket.end('220 no tls\r\n'))
  const ok = { report: 'success' }
  const bad = { report: 'tcp_failure' }
  const tls = { type: 'tls' }
  expect(await look(right.port, tls)).toMatchObject(ok)
  expect(await look(right.port, { type: 'grpcs' })).toMatchObject(ok)
  // An address is verified as an address.
  expect(await look(right.port, tls, '127.0.0.1')).toMatchObject(ok)
  expect(await look(wrong.port, tls, '127.0.0.1')).toMatchObject(bad)
  for (const server of [wrong, foreign, expired]) {
    expect(await look(server.port, tls)).toMatchObject(bad)
    expect(await look(server.port, { ...tls, https_verify_certificate: false })).toMatchObject(ok)
  }
  expect(await look(wrong.port, { ...tls, https_sni: 'b.test' })).toMatchObject(ok)
  expect(await look(plain.port, { ...tls, https_verify_certificate: false })).toMatchObject(bad)
})

test('tls: the server name, the certificate of the client, and bytes within', async () => {
  const names: unknown[] = []
  const server = await serveWith(
    (socket) => {
      names.push('servername' in socket ? socket.servername : undefined)
      socket.end('READY\n')
    },
    {
      ...(await issued('a.test')),
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    },
  )
  const client = await issued('client')
  const context = () => createSecureContext({ ca: authority.cert, ...client })
  const tls = { type: 'tls', expect: 'READY' }
  expect(await look(server.port, tls, 'a.test', context)).toMatchObject({ report: 'success' })
  expect(await look(server.port, tls, 'a.test')).toMatchObject({ report: 'tcp_failure' })
  const request = { type: 'https', https_sni: 'a.test' }
  expect(await look(server.port, request, 'b.test', context)).toMatchObject({
    report: 'tcp_failure',
    why: 'the answer is not HTTP',
  })
  expect(names).toEqual(['a.test', 'a.test'])
})
