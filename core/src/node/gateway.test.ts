import { expect, test } from 'vitest'
import type { Settings } from '../settings/schema.ts'
import { Gateway } from './gateway.ts'
import { logOf, settingsOf } from './node.fixture.ts'
import type { StartReport } from './description/running.ts'

const report: StartReport = {
  stream: [],
  admin: [],
  adminToken: false,
  status: [],
  transport: 'portable',
  workers: 1,
  database: 'embedded',
  prefix: '/',
  plugins: [],
  warnings: [],
}

function gatewayOf(
  next: () => Settings = settings,
  reload: () => Promise<string[]> = async () => [],
  last: () => Promise<void> = async () => undefined,
) {
  const steps: string[] = []
  const { log, lines } = logOf()
  const disposable = (name: string) => ({
    async [Symbol.asyncDispose]() {
      steps.push(name)
    },
  })
  const gateway = new Gateway({
    settings: settings(),
    errorLog: { log, reopen: () => void steps.push('reopen') },
    logLevel: { configure: (level) => void (log.level = level) },
    requestLog: { reopen: () => void steps.push('reopen requests') },
    node: {
      reload: async ({ log_level }) => {
        steps.push(`reload ${log_level}`)
        return reload()
      },
      reopenLogs: () => void steps.push('reopen workers'),
      stop: async (milliseconds) => void steps.push(`stop ${milliseconds}`),
    },
    reread: () => ({ settings: next(), warnings: ['a warning'] }),
  })
  const running = gateway.open({
    report,
    follow: async ({ log_level }) => {
      steps.push(`read ${log_level}`)
      return () => {
        steps.push('follow')
        return last()
      }
    },
    first: disposable('admin'),
    all: disposable('all'),
  })
  return { gateway, running, steps, lines, log }
}

const settings = (): Settings => settingsOf({ prefix: '/tmp/same', drain_timeout: '7s' })

test('it is ready from the opening to the stop, and ends in order', async () => {
  const { gateway, running, steps } = gatewayOf()
  expect(gateway.ready).toBe(true)
  const stopped = running.stop('stop')
  expect(gateway.ready).toBe(false)
  await stopped
  expect(steps).toEqual(['admin', 'stop 7000', 'all'])
  expect(await running.ended).toBe(0)
})

test('it is told to drain and to come back, and says so once', async () => {
  const { gateway, running, lines } = gatewayOf()
  expect(gateway.unready).toBeUndefined()
  for (const on of [true, true, false, false]) {
    gateway.drain(on)
    expect([gateway.unready, gateway.ready]).toEqual([on ? 'draining' : undefined, true])
  }
  expect(lines.map(({ msg }) => msg)).toEqual(['set to drain: not ready', 'no longer set to drain'])
  const stopped = running.stop('stop')
  expect(gateway.unready).toBe('draining')
  await stopped
})

test('until it is opened nobody is to send it anything', () => {
  const { log } = logOf()
  const gateway = new Gateway({
    settings: settings(),
    errorLog: { log, reopen: () => undefined },
    logLevel: { configure: () => undefined },
    requestLog: { reopen: () => undefined },
    node: { reload: async () => [], reopenLogs: () => undefined, stop: async () => undefined },
    reread: () => ({ settings: settings(), warnings: [] }),
  })
  expect([gateway.unready, gateway.ready]).toEqual(['router builds not yet complete', false])
})

test('a second stop has less patience, not a second end', async () => {
  const { running, steps } = gatewayOf()
  await Promise.all([running.stop('quit', 60_000), running.stop('stop', 0)])
  expect(steps.toSorted()).toEqual(['admin', 'all', 'stop 0', 'stop 60000'])
})

test('a reload follows what can be followed, and says what cannot', async () => {
  const next = () => settingsOf({ prefix: '/tmp/same', log_level: 'debug', worker_processes: '3' })
  const { gateway, running, steps, lines, log } = gatewayOf(next)
  await running.reload()
  expect(steps).toEqual([
    'reopen',
    'reopen requests',
    'reopen workers',
    'read debug',
    'reload debug',
    'follow',
  ])
  expect(gateway.settings).toMatchObject({ log_level: 'debug', worker_processes: 1 })
  expect(log.level).toBe('debug')
  expect(lines.map(({ msg }) => msg)).toEqual([
    'a warning',
    'worker_processes was changed; that takes effect at the next restart',
    'reloaded',
  ])
})

test('a configuration that is not served is said, and keeps no setting from being followed', async () => {
  const next = () => settingsOf({ prefix: '/tmp/same', admin_token: 'b'.repeat(20) })
  const last = () => Promise.reject(new Error('it is not served'))
  const { gateway, running, lines } = gatewayOf(next, async () => [], last)
  await expect(running.reload()).rejects.toThrow('it is not served')
  expect(gateway.settings.admin_token).toBe('b'.repeat(20))
  expect(lines.at(-1)).toMatchObject({
    level: 'error',
    error: 'it is not served',
    msg: 'reloaded, but not all of it',
  })
})

test.each([
  [
    'settings',
    () =>
      gatewayOf(() => {
        throw new Error('it is broken')
      }),
  ],
  ['workers', () => gatewayOf(settings, () => Promise.reject(new Error('it is broken')))],
])(
  'a reload that fails for its %s changes nothing but the files of the logs',
  async (_what, make) => {
    const { gateway, running, steps, lines, log } = make()
    const level = log.level
    await expect(running.reload()).rejects.toThrow('it is broken')
    expect(steps.slice(0, 3)).toEqual(['reopen', 'reopen requests', 'reopen workers'])
    expect(steps).not.toContain('follow')
    expect(lines.at(-1)).toMatchObject({ level: 'error', error: 'it is broken' })
    expect([gateway.settings.drain_timeout, log.level]).toEqual([7000, level])
  },
)
