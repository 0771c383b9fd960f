import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { RunningGateway, StartGateway, StartReport } from '../node/description/running.ts'
import { fakeWorld } from './world.fixture.ts'
import { runCommandLine } from './run-command-line.ts'

const report: StartReport = {
  stream: ['127.0.0.1:5555'],
  admin: ['127.0.0.1:8001'],
  adminToken: false,
  status: [],
  transport: 'portable',
  workers: 2,
  database: 'embedded',
  prefix: '/srv/.kong-ts',
  plugins: ['guard'],
  warnings: [],
}

function fakeGateway(over: Partial<RunningGateway> = {}) {
  const ended = Promise.withResolvers<number>()
  const calls: unknown[] = []
  const gateway: RunningGateway = {
    report,
    ended: ended.promise,
    reload: async () => void calls.push('reload'),
    stop: async (...wish) => void calls.push(wish),
    ...over,
  }
  return { gateway, calls, end: ended.resolve }
}

test('the gateway starts with the settings, shows the screen and ends with its exit code', async () => {
  const { gateway, end } = fakeGateway()
  const startGateway = vi.fn<StartGateway>(async () => gateway)
  const world = fakeWorld({ cwd: '/srv', env: { KONG_LOG_FORMAT: 'x' }, startGateway })
  const code = runCommandLine(['start', '--prefix', 'p', '--vv'], world)
  await expect.poll(() => world.waitingFor('SIGHUP')).toBe(1)
  expect(startGateway).toHaveBeenCalledWith(
    expect.objectContaining({ prefix: '/srv/p', log_level: 'debug' }),
    expect.objectContaining({
      warnings: [expect.stringContaining('log_format is a setting of Kong')],
    }),
  )
  expect(world.written).toEqual([expect.stringMatching(/^kong-ts started\n/)])
  end(3)
  expect(await code).toBe(3)
  expect(world.waitingFor('SIGINT')).toBe(0)
})

test('a reload reads the file again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'start-'))
  const file = join(folder, 'kong.conf')
  writeFileSync(file, 'log_level = info')
  const { gateway, end } = fakeGateway()
  const startGateway = vi.fn<StartGateway>(async () => gateway)
  const code = runCommandLine(['start', '-c', file], fakeWorld({ startGateway }))
  await expect.poll(() => startGateway).toHaveBeenCalled()
  const [settings, options] = startGateway.mock.calls[0]!
  expect(settings.log_level).toBe('info')
  writeFileSync(file, 'log_level = warn')
  expect(options.reread().settings.log_level).toBe('warn')
  writeFileSync(file, 'log_level = loud')
  expect(() => options.reread()).toThrow('log_level has an invalid value')
  end(0)
  await code
  rmSync(folder, { recursive: true })
})

test('SIGHUP reloads; the first signal drains, its echo is not a second, a later one ends at once', async () => {
  const { gateway, calls, end } = fakeGateway()
  const world = fakeWorld({ startGateway: async () => gateway })
  const code = runCommandLine(['start'], world)
  await expect.poll(() => world.waitingFor('SIGHUP')).toBe(1)
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000)
  world.signal('SIGHUP')
  world.signal('SIGINT')
  clock.mockReturnValue(1400)
  world.signal('SIGINT')
  expect(calls).toEqual(['reload', ['stop']])
  clock.mockReturnValue(1600)
  world.signal('SIGTERM')
  expect(calls).toEqual(['reload', ['stop'], ['stop', 0]])
  clock.mockRestore()
  end(0)
  expect(await code).toBe(0)
})

test('SIGQUIT quits', async () => {
  const { gateway, calls, end } = fakeGateway()
  const world = fakeWorld({ startGateway: async () => gateway })
  const code = runCommandLine(['start'], world)
  await expect.poll(() => world.waitingFor('SIGQUIT')).toBe(1)
  world.signal('SIGQUIT')
  expect(calls).toEqual([['quit']])
  end(0)
  await code
})

test('a reload that fails is told and the gateway goes on', async () => {
  const { gateway, end } = fakeGateway({ reload: () => Promise.reject(new Error('no store')) })
  const world = fakeWorld({ startGateway: async () => gateway })
  const code = runCommandLine(['start'], world)
  await expect.poll(() => world.waitingFor('SIGHUP')).toBe(1)
  world.signal('SIGHUP')
  await expect.poll(() => world.complained).toEqual(['Error: cannot reload: no store'])
  end(0)
  expect(await code).toBe(0)
})

test('a start that fails is one line and exit code 1', async () => {
  const startGateway = () => Promise.reject(new Error('cannot listen on 127.0.0.1:5555: in use'))
  const world = fakeWorld({ startGateway })
  expect(await runCommandLine(['start'], world)).toBe(1)
  expect(world.complained).toEqual(['Error: cannot listen on 127.0.0.1:5555: in use'])
  expect(world.written).toEqual([])
})

test('every wrong setting is a line of its own', async () => {
  const env = { KONG_LOG_LEVEL: 'loud', KONG_TRANSPORT: 'fast' }
  const world = fakeWorld({ env })
  expect(await runCommandLine(['start', '-c', 'none.conf'], world)).toBe(1)
  expect(world.complained).toEqual([
    'Error: no file at: /none.conf',
    expect.stringContaining('Error: environment KONG_LOG_LEVEL: log_level has an invalid value'),
    expect.stringContaining('Error: environment KONG_TRANSPORT: transport has an invalid value'),
  ])
})
