import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, temporaryFolder, type RunningGateway } from './support/gateway.ts'
import { talk } from './support/peers.ts'
import { follow, routeTo } from './support/with-plugins.ts'

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1')

/** A gateway for which `dual.test` has an address of each family. */
function startDual(): Promise<RunningGateway> {
  const hosts = join(temporaryFolder(), 'hosts')
  writeFileSync(hosts, '127.0.0.1 dual.test\n::1 dual.test\n')
  return startGateway({ settings: { dns_hostsfile: hosts, worker_processes: '2' } })
}

async function listen(host: string, port: number, name: string): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined).end(name)
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test.runIf(hasIpv6)(
  'the other family is tried at once where the first refuses: one try, with the address that answered',
  async () => {
    const gateway = await startDual()
    const port = await listen('::1', 0, 'six')
    await routeTo(gateway, port, { host: 'dual.test', retries: 0 })
    const lines = await follow(gateway)
    expect((await talk(gateway.port, 'who?')).received).toBe('six')
    const [line] = await lines(1)
    expect(line?.tries).toEqual([expect.objectContaining({ ip: '::1', port })])
    expect(line?.tries[0]).not.toHaveProperty('state')
  },
)

test.runIf(hasIpv6)('where both answer it is the first, for an upstream, too', async () => {
  const gateway = await startDual()
  const port = await listen('127.0.0.1', 0, 'four')
  await listen('::1', port, 'six')
  await gateway.create('/upstreams', { name: 'up.test' })
  await gateway.create('/upstreams/up.test/targets', { target: `dual.test:${port}` })
  await routeTo(gateway, 1, { host: 'up.test' })
  const heard = await Promise.all(Array.from({ length: 8 }, () => talk(gateway.port, 'who?')))
  expect(new Set(heard.map(({ received }) => received))).toEqual(new Set(['four']))
})

test.runIf(hasIpv6)('where both refuse it is one failed try', async () => {
  const gateway = await startDual()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await routeTo(gateway, port, { host: 'dual.test', retries: 0 })
  const lines = await follow(gateway)
  await talk(gateway.port, 'who?')
  expect(await lines(1)).toMatchObject([{ ending: 'upstream.connect.refused', tries: [{}] }])
})
