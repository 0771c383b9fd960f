import { existsSync, readFileSync, renameSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isAlive, startGateway, temporaryFolder, until } from './support/gateway.ts'
import { hold, isRefused, serveEcho, talk } from './support/peers.ts'
import { writePlugin } from './support/plugins.ts'
import type { RunningGateway } from './support/gateway.ts'

const counts = [['1'], ['2']] as const

async function echoThrough(gateway: RunningGateway): Promise<void> {
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/echo/routes', {
    protocols: ['tcp'],
    sources: [{ ip: '127.0.0.0/8' }],
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test.each(counts)(
  'a reload brings plugins, levels and listeners, and live connections of %s workers go on',
  async (worker_processes) => {
    const gateway = await startGateway({ conf: { worker_processes, log_level: 'warn' } })
    await echoThrough(gateway)
    const live = await hold(gateway.port)
    const before = await gateway.workers()
    expect(await gateway.admin('POST', '/plugins', { name: 'greeter' })).toMatchObject({
      status: 400,
    })

    const port = await freePort()
    gateway.configure({
      worker_processes,
      log_level: 'info',
      plugins: `bundled, ${writePlugin(gateway.prefix, 'greeter')}`,
      stream_listen: `127.0.0.1:0, 127.0.0.1:${port}`,
      database: 'embedded',
      admin_body_limit: '1m',
    })
    expect(await gateway.reload()).toMatchObject({ level: 'notice', msg: 'reloaded' })
    expect(gateway.output()).toMatch(/admin_body_limit was changed; that takes effect at the next/)
    await gateway.create('/plugins', { name: 'greeter' })
    expect(await talk(port, 'new door')).toMatchObject({ received: 'new door' })
    expect(await talk(gateway.port, 'old door')).toMatchObject({ received: 'old door' })
    expect(await live.ask('as before')).toBe('as before')

    gateway.configure({
      worker_processes,
      plugins: `bundled, ${gateway.prefix}/greeter.ts`,
      stream_listen: `127.0.0.1:${port}`,
    })
    expect(await gateway.reload()).toMatchObject({ msg: 'reloaded' })
    await until(() => isRefused(gateway.port))
    expect(await live.ask('still as before')).toBe('still as before')
    live.socket.end()
    await live.ended
    // With one worker it is the process itself that goes on.
    await until(() => !before.some((pid) => pid !== gateway.pid && isAlive(pid)))
    expect(await talk(port, 'last')).toMatchObject({ received: 'last' })
  },
)

test.each(counts)(
  'what cannot be used changes nothing, and the log says why (%s workers)',
  async (worker_processes) => {
    const gateway = await startGateway({ conf: { worker_processes, stream_listen: '127.0.0.1:0' } })
    await echoThrough(gateway)
    const live = await hold(gateway.port)
    const workers = await gateway.workers()
    const broken: [Record<string, string>, RegExp][] = [
      [{ preread_timeout: 'soon' }, /preread_timeout/],
      [{ plugins: '/nowhere/plugin.ts' }, /\/nowhere\/plugin\.ts/],
      [{ access_log: '/dev/null/access.log' }, /access_log cannot be opened/],
      [
        { stream_listen: `127.0.0.1:0, 127.0.0.1:${gateway.adminPort}` },
        /cannot listen on 127\.0\.0\.1:\d+: the address is already in use/,
      ],
    ]
    for (const [conf, why] of broken) {
      gateway.configure({ worker_processes, stream_listen: '127.0.0.1:0', ...conf })
      const told = await gateway.reload()
      expect(told).toMatchObject({ level: 'error', error: expect.stringMatching(why) })
    }
    expect(await gateway.workers()).toEqual(workers)
    expect(await talk(gateway.port, 'new')).toMatchObject({ received: 'new' })
    expect(await live.ask('old')).toBe('old')
    await gateway.create('/services', { name: 'another', url: 'tcp://127.0.0.1:1' })
  },
)

test.each(counts)(
  'a rotated access log is opened again by %s workers, by those that drain, too',
  async (worker_processes) => {
    const path = join(temporaryFolder(), 'access.log')
    const gateway = await startGateway({ conf: { worker_processes, access_log: path } })
    await echoThrough(gateway)
    const live = await hold(gateway.port)
    await talk(gateway.port, 'first')
    await until(() => readFileSync(path, 'utf8').includes('client.closed'))
    renameSync(path, `${path}.1`)
    await gateway.reload()
    await talk(gateway.port, 'second')
    live.socket.end()
    await until(() => existsSync(path) && readFileSync(path, 'utf8').split('\n').length === 3)
    expect(readFileSync(`${path}.1`, 'utf8').split('\n')).toHaveLength(2)
    expect(gateway.endings()).toEqual([])
  },
)

test('no access log is written when it is off', async () => {
  const gateway = await startGateway({ settings: { access_log: 'off' } })
  await echoThrough(gateway)
  await talk(gateway.port, 'unseen')
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
  expect(gateway.endings()).toEqual([])
})

test('limits are neither forgotten nor counted twice over a reload', async () => {
  const limit = 40
  const gateway = await startGateway({ conf: { worker_processes: '2' } })
  await echoThrough(gateway)
  await gateway.create('/plugins', { name: 'rate-limiting', config: { hour: limit } })
  const admitted = async (count: number): Promise<number> => {
    const talks = await Promise.all(Array.from({ length: count }, () => talk(gateway.port, 'x')))
    return talks.filter(({ received }) => received === 'x').length
  }
  const workers = await gateway.workers()
  expect(await admitted(10)).toBe(10)
  await gateway.reload()
  await until(() => !workers.some(isAlive))
  expect(await admitted(60)).toBe(limit - 10)
})

test('a signal to stop during a reload ends everything', async () => {
  const gateway = await startGateway({ conf: { worker_processes: '2' } })
  const folder = temporaryFolder()
  const slow = writePlugin(
    folder,
    'slow',
    'await new Promise((resolve) => setTimeout(resolve, 2_000))',
  )
  gateway.configure({ worker_processes: '2', plugins: `bundled, ${slow}` })
  await gateway.reload()
  void gateway.admin('POST', '/plugins', { name: 'slow' }).catch(() => undefined)
  gateway.signal('SIGHUP')
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
  onTestFinished(() => expect(isAlive(gateway.pid)).toBe(false))
})
