import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { BoundSocket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Inbound, Transport } from '../../../core/src/transport/transport.ts'
import { dial, endOf, openGate, Queue, readAll, soon } from './harness.ts'

export function accepting(transport: Transport): void {
  test('a TCP connection has both addresses', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    expect(inbound.remote).toEqual({ address: '127.0.0.1', port: client.localPort })
    expect(inbound.local).toEqual(gate.endpoint)
  })

  test.each(['0.0.0.0', '::'])('a listener on %s knows where the client went', async (host) => {
    const gate = await openGate(transport, 'tcp', host)
    const client = await dial({ address: '127.0.0.1', port: gate.endpoint.port })
    const inbound = await gate.accepted.take()
    expect(inbound.remote).toEqual({ address: '127.0.0.1', port: client.localPort })
    expect(inbound.local).toEqual({ address: '127.0.0.1', port: gate.endpoint.port })
  })

  test('a unix connection has the address of its listener', async () => {
    const gate = await openGate(transport, 'unix')
    await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    expect(inbound.remote).toEqual({ address: 'unix:', port: 0 })
    expect(inbound.local).toEqual(gate.endpoint)
  })

  test('a descriptor can be listened on', async () => {
    const socket = new BoundSocket({ host: '127.0.0.1' })
    const { port } = socket.address()
    const address = { address: '127.0.0.1', port }
    const accepted = new Queue<Inbound>()
    const listening = await transport.listen(
      { socket: { fd: socket.fd() }, address, backlog: 16, keepAlive: 0 },
      (inbound) => accepted.put(inbound),
    )
    onTestFinished(() => listening.close())
    const client = await dial(address)
    const inbound = await accepted.take()
    inbound.end(Buffer.from('bye'))
    expect((await readAll(client)).toString()).toBe('bye')
  })

  test('a closed listener refuses, and its live connections go on', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    await gate.listening.close()
    await expect(dial(gate.endpoint)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    client.write('still here')
    const { bytes } = await inbound.peek(10, soon())
    expect(Buffer.from(bytes).toString()).toBe('still here')
  })

  test('a farewell arrives although unread bytes of the client are pending', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    client.write(Buffer.alloc(32 * 1024))
    await inbound.peek(1, soon())
    inbound.end(Buffer.from('550 go away\r\n'))
    expect((await readAll(client)).toString()).toBe('550 go away\r\n')
    client.write(Buffer.alloc(1024))
    client.end()
    await once(client, 'close')
    expect(client.errored).toBeNull()
  })

  test('a client that never ends its side is closed after a farewell', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    inbound.end()
    expect(await endOf(client)).toBe('fin')
    while (!inbound.closed) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(client.readableEnded).toBe(true)
  })

  test('a client that keeps sending after a farewell is cut off', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    inbound.end()
    const timer = setInterval(() => client.write(Buffer.alloc(64 * 1024)), 5)
    onTestFinished(() => clearInterval(timer))
    if (!client.closed) await once(client, 'close').catch(() => {})
    expect(client.errored).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
  })

  test('a reset arrives as one', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    inbound.reset()
    expect(await endOf(client)).toBe('reset')
    expect(inbound.closed).toBe(true)
  })

  test('accepting recovers when descriptors ran out', async () => {
    const script = fileURLToPath(new URL('starved.ts', import.meta.url))
    const child = spawn('sh', [
      '-c',
      'ulimit -n 64; exec "$0" "$1" "$2"',
      process.execPath,
      script,
      transport.name,
    ])
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    const lines: string[] = []
    child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')))
    child.stderr.on('data', (chunk: Buffer) => lines.push(chunk.toString()))
    while (lines.length === 0) await once(child.stdout, 'data')
    const address = { address: '127.0.0.1', port: Number(lines[0]) }
    const crowd = await Promise.all(Array.from({ length: 100 }, () => dial(address)))
    for (const socket of crowd) socket.destroy()
    // What waited in the queue meanwhile is met first, and Node's streams close it where there is no descriptor for it.
    let answer = ''
    while (answer !== 'served') {
      const late = await dial(address)
      late.write('x')
      answer = (await readAll(late).catch(() => '')).toString()
    }
    expect(Number(lines[0])).toBeGreaterThan(0)
  })
}
