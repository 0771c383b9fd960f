import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Listeners } from './listeners.ts'
import { settingsOf } from '../node.fixture.ts'

const listOf = (text: string) =>
  settingsOf({ stream_listen: text, trusted_ips: '127.0.0.1' }).stream_listen

async function bind(text: string, slots = 1): Promise<Listeners> {
  const listeners = await Listeners.bind(listOf(text), slots)
  onTestFinished(() => listeners.close())
  return listeners
}

async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const isBound = (bound: Listeners['bound'][number]): boolean => {
  try {
    return bound.sockets[0]!.fd() >= 0
  } catch {
    return false
  }
}

test('what stays listed keeps its sockets, what does not is given back after the commit', async () => {
  const listeners = await bind('127.0.0.1:0, 127.0.0.1:0, [::1]:0')
  const [first, second, third] = listeners.bound
  const rebinding = await listeners.rebind(listOf('[::1]:0, 127.0.0.1:0'))
  expect(rebinding.bound).toEqual([third, first])
  expect(isBound(second!)).toBe(true)
  rebinding.commit()
  expect(isBound(second!)).toBe(false)
  expect(listeners.bound).toEqual([third, first])
  listeners.close()
  expect(isBound(first!)).toBe(false)
})

test('what was new is given back when the change is reverted', async () => {
  const listeners = await bind('127.0.0.1:0')
  const [kept] = listeners.bound
  const rebinding = await listeners.rebind(listOf('127.0.0.1:0, [::1]:0'))
  rebinding.revert()
  expect(rebinding.bound.map(isBound)).toEqual([true, false])
  expect(listeners.bound).toEqual([kept])
})

test('whether PROXY headers are expected changes while the sockets stay', async () => {
  const listeners = await bind('127.0.0.1:0, 127.0.0.1:0 proxy_protocol backlog=5')
  const [first, second] = listeners.bound
  const expected = async (text: string) => {
    const rebinding = await listeners.rebind(listOf(text))
    rebinding.commit()
    const { bound, warnings } = rebinding
    expect(bound.map(({ sockets }) => sockets)).toEqual([first?.sockets, second?.sockets])
    expect(bound.map(isBound)).toEqual([true, true])
    return { flags: bound.map(({ listen: { proxyProtocol } }) => proxyProtocol), warnings }
  }
  expect(await expected('127.0.0.1:0 proxy_protocol, 127.0.0.1:0 backlog=5')).toEqual({
    flags: [true, false],
    warnings: [],
  })
  expect(await expected('127.0.0.1:0, 127.0.0.1:0 proxy_protocol')).toEqual({
    flags: [false, true],
    warnings: [expect.stringContaining('other flags take effect at the next restart')],
  })
  listeners.close()
  expect([first!, second!].map(isBound)).toEqual([false, false])
})

test('when one cannot be bound, none is', async () => {
  const port = await takenPort()
  const listeners = await bind('127.0.0.1:0')
  await expect(listeners.rebind(listOf(`[::1]:0, 127.0.0.1:${port}`))).rejects.toThrow(`${port}`)
  expect(listeners.bound.map(isBound)).toEqual([true])
  await expect(bind(`127.0.0.1:0, 127.0.0.1:${port}`)).rejects.toThrow(`${port}`)
})

test('other flags on the same address keep the socket, and say so', async () => {
  const listeners = await bind('127.0.0.1:0')
  const rebinding = await listeners.rebind(listOf('127.0.0.1:0 backlog=5'))
  expect(rebinding.bound).toEqual(listeners.bound)
  expect(rebinding.warnings).toEqual(['127.0.0.1:0: other flags take effect at the next restart'])
})
