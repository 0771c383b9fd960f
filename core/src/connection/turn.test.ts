import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { turn } from './turn.ts'

test('what has arrived in the kernel is seen within the turn', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  const [socket]: Socket[] = await once(server, 'connection')
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  let seen = ''
  client.on('data', (data) => (seen += String(data)))
  for (let round = 1; round <= 50; round++) {
    // Over loopback the bytes are there when the callback of the write comes.
    await new Promise((resolve) => socket?.write('x', resolve))
    await turn()
    expect(seen).toHaveLength(round)
  }
})
