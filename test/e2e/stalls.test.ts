import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder, until, type Line, type RunningGateway } from './support/gateway.ts'
import { hold, serveEcho, talk } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

/** Says in which process each client is served; a client from .9 never gets to its end, one from .8 after a promise. */
const looper = `phases: {
  async preread({ client }, { log }) {
    log.warn({ client: client.port }, 'served')
    if (client.address === '127.0.0.8') await null
    while (client.address === '127.0.0.8');
  },
  proxy({ client }) {
    while (client.address === '127.0.0.9');
  },
},`

const lines = (gateway: RunningGateway): Line[] =>
  gateway
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

const find = (gateway: RunningGateway, ...parts: readonly string[]): Line[] =>
  lines(gateway).filter(({ msg }) => parts.every((part) => String(msg).includes(part)))

/** Connections that both workers serve, and who serves each. */
async function holdOnBoth(gateway: RunningGateway) {
  const held: { pid: number; client: Awaited<ReturnType<typeof hold>> }[] = []
  while (new Set(held.map(({ pid }) => pid)).size < 2 || held.length < 4) {
    if (held.length === 60) throw new Error('one of the workers serves nobody')
    const client = await hold(gateway.port)
    const port = client.socket.localPort
    const served = () => find(gateway, 'served').findLast((line) => line['client'] === port)
    await until(() => served() !== undefined)
    held.push({ pid: served()?.['pid'], client })
  }
  return held
}

test.each([
  ['in a phase', '127.0.0.9', { phase: 'proxy' }],
  ['after a promise', '127.0.0.8', {}],
])(
  'a plugin that loops for ever %s costs one worker and is named while it loops',
  async (_, from, more) => {
    const gateway = await startWithPlugins(
      { looper },
      { settings: { worker_processes: '2', plugin_stall_timeout: '3s' } },
    )
    await routeTo(gateway, (await serveEcho()).port)
    const { id } = await gateway.create('/plugins', { name: 'looper' })
    const held = await holdOnBoth(gateway)
    const before = await gateway.workers()
    void talk(gateway.port, 'loop', { from, halfClose: false })
    await until(() => find(gateway, 'looper holds up every connection').length > 0)
    const [named] = find(gateway, 'looper holds up every connection')
    const stuck = named?.['pid']
    expect(before).toContain(stuck)
    expect(named).toMatchObject({
      level: 'warn',
      code: 'plugin_stalled',
      plugin: 'looper',
      ...more,
    })
    if ('phase' in more) expect(named?.['instance']).toBe(id)
    expect(named?.['at']).toMatch(/looper\.ts:\d+$/)
    // It loops still, and the other worker goes on.
    expect(find(gateway, 'a worker died')).toEqual([])
    const others = held.filter(({ pid }) => pid !== stuck)
    for (const { client } of others) expect(await client.ask('hi')).toBe('hi')

    await until(() => find(gateway, 'a worker died').length === 1)
    expect(find(gateway, 'looper holds up', 'another one takes its place')).toMatchObject([
      { level: 'error', code: 'plugin_stalled', pid: stuck },
    ])
    await until(async () => {
      const now = await gateway.workers()
      return now.length === 2 && !now.includes(stuck)
    })
    for (const { pid, client } of held) {
      if (pid === stuck) await client.ended
      else expect(await client.ask('still here')).toBe('still here')
    }
    const stats = async () => (await gateway.admin('GET', `/plugins/${id}/stats`)).body
    await until(async () => (await stats()).stalls === 1)
    expect((await stats()).longest_stall_ms).toBeGreaterThanOrEqual(3_000)
    const fresh = await holdOnBoth(gateway)
    expect(fresh.map(({ pid }) => pid)).not.toContain(stuck)
  },
)

test('with one worker it is named, and named again, and its end is heard', async () => {
  const over = join(temporaryFolder(), 'over')
  const gateway = await startWithPlugins(
    {
      slow: `phases: { preread() { while (!process.getBuiltinModule('fs').existsSync('${over}')); } },`,
    },
    { settings: { plugin_stall_timeout: '2s' } },
  )
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'slow' })
  const talked = talk(gateway.port, 'hi')
  await until(() => find(gateway, 'slow holds up', 'still').length === 1)
  writeFileSync(over, '')
  expect((await talked).received).toBe('hi')
  expect(find(gateway, 'slow holds up')).toMatchObject([
    { level: 'warn', phase: 'preread', plugin: 'slow' },
    { level: 'error', phase: 'preread', plugin: 'slow' },
  ])
  await until(() => find(gateway, 'held up every connection of the worker for').length === 1)
})
