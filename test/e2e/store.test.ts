import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { failToStart, startGateway, temporaryFolder, until } from './support/gateway.ts'
import { serve, serveEcho, talk } from './support/peers.ts'
import { writePlugin } from './support/plugins.ts'
import type { RunningGateway } from './support/gateway.ts'

const counts = [['1'], ['2']] as const

async function names(gateway: RunningGateway): Promise<string[]> {
  const { body } = await gateway.admin('GET', '/services?size=1000')
  return body.data.map(({ name }: { name: string }) => name)
}

test.each(counts)(
  'every acknowledged write is there after kill -9 (%s workers)',
  async (worker_processes) => {
    const prefix = temporaryFolder()
    const settings = { worker_processes }
    const first = await startGateway({ prefix, settings })
    const acknowledged: string[] = []
    const writing = (async () => {
      for (let n = 0; ; n++) {
        await first.create('/services', { name: `s${n}`, url: 'tcp://127.0.0.1:1' })
        acknowledged.push(`s${n}`)
      }
    })().catch(() => undefined)
    await until(() => acknowledged.length >= 30)
    first.signal('SIGKILL')
    await writing

    // The workers of the dead one are still on their way out.
    const second = await startGateway({ prefix, settings })
    expect(await names(second)).toEqual(expect.arrayContaining(acknowledged))
    second.signal('SIGTERM')
    expect(await second.exited).toBe(0)
    const third = await startGateway({ prefix, settings })
    expect(await names(third)).toEqual(expect.arrayContaining(acknowledged))
  },
)

test('a second start in the same prefix is refused in one line, and harms nothing', async () => {
  const first = await startGateway()
  const { code, output } = await failToStart({ prefix: first.prefix })
  expect(code).toBe(1)
  expect(output).toBe(`Error: kong-ts is already running in ${first.prefix}\n`)
  expect(await first.admin('GET', '/status')).toMatchObject({ status: 200 })
})

test.each([
  ['stream_listen', '1'],
  ['stream_listen', '2'],
  ['admin_listen', '2'],
])(
  '%s on a port in use is refused in one line, with %s workers, and nothing is left',
  async (setting, worker_processes) => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    const address = taken.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const prefix = temporaryFolder()
    const settings = { worker_processes, [setting]: `127.0.0.1:${port}` }
    const { code, output } = await failToStart({ prefix, settings })
    expect(code).toBe(1)
    expect(output).toBe(
      `Error: cannot listen on 127.0.0.1:${port}: the address is already in use\n`,
    )
    await startGateway({ prefix, settings: { worker_processes } })
  },
)

test('two gateways do not share a port, however many workers they have', async () => {
  const first = await startGateway({ settings: { worker_processes: '2' } })
  const settings = { worker_processes: '2', stream_listen: `127.0.0.1:${first.port}` }
  expect(await failToStart({ settings })).toMatchObject({ code: 1 })
})

test('a socket file that is left over is replaced, one that is in use is not', async () => {
  const folder = temporaryFolder()
  const settings = {
    stream_listen: `127.0.0.1:0, unix:${folder}/s.sock`,
    admin_listen: `unix:${folder}/a.sock`,
  }
  const first = await startGateway({ settings })
  for (const listen of ['s.sock', 'a.sock']) {
    const name = listen === 's.sock' ? 'stream_listen' : 'admin_listen'
    const { code, output } = await failToStart({ settings: { [name]: `unix:${folder}/${listen}` } })
    expect(output).toBe(
      `Error: cannot listen on unix:${folder}/${listen}: the address is already in use\n`,
    )
    expect(code).toBe(1)
  }
  first.signal('SIGKILL')
  await first.exited
  const second = await startGateway({ settings })
  expect(await second.admin('GET', '/status')).toMatchObject({ status: 200 })
})

test.each(counts)(
  'a setup that throws vetoes the write: %s workers go on as they were',
  async (worker_processes) => {
    const folder = temporaryFolder()
    const picky = writePlugin(
      folder,
      'picky',
      `if (config.word !== '') throw new Error('I do not like ' + config.word)`,
    )
    const prefix = temporaryFolder()
    const settings = { worker_processes, plugins: `bundled, ${picky}` }
    const gateway = await startGateway({ prefix, settings })
    const plugin = await gateway.create('/plugins', { name: 'picky' })
    const refused = await gateway.admin('PATCH', `/plugins/${plugin.id}`, {
      config: { word: 'cheese' },
    })
    expect(refused).toMatchObject({ status: 400, body: { name: 'schema violation' } })
    expect(refused.body.message).toContain('I do not like cheese')
    expect((await gateway.admin('GET', `/plugins/${plugin.id}`)).body.config).toEqual({ word: '' })
    gateway.signal('SIGKILL')
    await gateway.exited
    const again = await startGateway({ prefix, settings })
    expect((await again.admin('GET', `/plugins/${plugin.id}`)).body.config).toEqual({ word: '' })
  },
)

test('a setup that hangs for ten seconds vetoes the write', async () => {
  const hanging = writePlugin(temporaryFolder(), 'hanging', 'await new Promise(() => undefined)')
  const settings = { worker_processes: '2', plugins: `bundled, ${hanging}` }
  const gateway = await startGateway({ settings })
  const workers = await gateway.workers()
  const refused = await gateway.admin('POST', '/plugins', { name: 'hanging' })
  expect(refused.status).toBe(400)
  expect(refused.body.message).toContain('did not settle within 10000 ms')
  expect((await gateway.admin('GET', '/plugins')).body.data).toEqual([])
  expect(await gateway.workers()).toEqual(workers)
})

test('a worker that dies of a change is replaced and has no veto while another one can', async () => {
  const deadly = writePlugin(
    temporaryFolder(),
    'deadly',
    `if (isFirst()) process.kill(process.pid, 'SIGKILL')`,
  )
  const settings = { worker_processes: '2', plugins: `bundled, ${deadly}` }
  const gateway = await startGateway({ settings })
  const before = await gateway.workers()
  await gateway.create('/plugins', { name: 'deadly' })
  await until(async () => (await gateway.workers()).length === 2)
  const after = await gateway.workers()
  expect(after.filter((pid) => before.includes(pid))).toHaveLength(1)
})

test('a change that kills every worker is refused, and the others of its kind are served', async () => {
  const deadly = writePlugin(temporaryFolder(), 'deadly', `process.kill(process.pid, 'SIGKILL')`)
  const settings = { worker_processes: '2', plugins: `bundled, ${deadly}` }
  const gateway = await startGateway({ settings })
  expect(await gateway.admin('POST', '/plugins', { name: 'deadly' })).toMatchObject({ status: 400 })
  await gateway.create('/services', { name: 'fine', url: 'tcp://127.0.0.1:1' })
  expect((await gateway.admin('GET', '/plugins')).body.data).toEqual([])
})

test('when the Admin API answers, every worker follows', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  const echo = await serveEcho()
  const other = await serve((socket) => socket.end('other'))
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  const talks = async (): Promise<string[]> => {
    const all = await Promise.all(Array.from({ length: 40 }, () => talk(gateway.port, 'echo')))
    return [...new Set(all.map(({ received }) => received))]
  }
  const route = await gateway.create('/services/echo/routes', {
    protocols: ['tcp'],
    destinations: [{ port: gateway.port }],
  })
  expect(await talks()).toEqual(['echo'])
  await gateway.admin('PATCH', '/services/echo', { port: other.port })
  expect(await talks()).toEqual(['other'])
  await gateway.admin('PATCH', '/services/echo', { port: echo.port })
  expect(await talks()).toEqual(['echo'])
  await gateway.admin('DELETE', `/routes/${route.id}`)
  expect(await talks()).toEqual([''])
})
