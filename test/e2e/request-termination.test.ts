import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startGateway, temporaryFolder, until, type RunningGateway } from './support/gateway.ts'
import { hold, refusedOrServed, serveEcho, talk, talkTls } from './support/peers.ts'
import { routeTo } from './support/with-plugins.ts'

const message = 'closed for maintenance'

/** A gateway whose plain route and TLS routes are closed in the words of a protocol; `close` changes them. */
async function closedGateway(config: object) {
  const gateway = await startGateway()
  // Whoever gets through is refused there in another way.
  await routeTo(gateway, 1)
  const snis = (name: string) => ({ snis: [name] })
  await gateway.create('/services/up/routes', { protocols: ['tls'], ...snis('ends.example') })
  const opaque = { protocols: ['tls_passthrough'], ...snis('passes.example') }
  await gateway.create('/services/up/routes', opaque)
  await gateway.create('/routes', { protocols: ['tls'], ...snis('bare.example') })
  const row = { name: 'request-termination', config }
  const { id } = await gateway.create('/plugins', row)
  const close = (changed: object) =>
    gateway.admin('PUT', `/plugins/${id}`, { ...row, config: changed })
  return { gateway, close }
}

/** A client that is not ours, heard to its end. */
async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: temporaryFolder(), LANG: 'C' }
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined).end(input)
  const closed = once(child, 'close')
  const heard = await Promise.all([text(child.stdout), text(child.stderr)])
  await closed
  return heard.join('')
}

const isInstalled = (command: string): boolean => spawnSync(command, ['--version']).status === 0

test('a closed route tells everybody a text, inside TLS where the gateway ends it, and opens again', async () => {
  const { gateway, close } = await closedGateway({ message })
  const overTls = (servername: string) => talkTls(gateway.port, 'hi', { servername })
  expect(await talk(gateway.port, 'hi')).toEqual({ received: message, how: 'end' })
  expect(await talk(gateway.port, '', { halfClose: false })).toMatchObject({ received: message })
  expect(await overTls('ends.example')).toEqual({ received: message, how: 'end' })
  expect(await overTls('bare.example')).toEqual({ received: message, how: 'end' })
  expect(await overTls('passes.example')).toMatchObject({
    how: 'EPROTO',
  })
  await until(() => gateway.endings().length === 5)
  for (const ended of gateway.endings()) {
    expect(ended).toMatchObject({ ending: 'plugin.request-termination.rejected', reason: message })
  }
  await close({ body: 'two\nlines\n' })
  expect((await overTls('ends.example')).received).toBe('two\nlines\n')
})

test('live connections go on when their route is closed', async () => {
  const gateway = await startGateway()
  await routeTo(gateway, (await serveEcho()).port)
  const live = await hold(gateway.port)
  const { id } = await gateway.create('/routes/plain/plugins', { name: 'request-termination' })
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  expect(await live.ask('still there')).toBe('still there')
  expect((await gateway.admin('DELETE', `/plugins/${id}`)).status).toBe(204)
  expect(await (await hold(gateway.port)).ask('again')).toBe('again')
})

/** What curl hears from a server of each protocol that it speaks. */
test('curl understands HTTP, SMTP, FTP, IMAP and POP3, over TLS as well', async () => {
  const { gateway, close } = await closedGateway({ message, protocol: 'http' })
  const { port } = gateway
  const curl = (...args: string[]) =>
    run('curl', ['-sSv', '--max-time', '10', '--noproxy', '*', ...args])
  const tls = ['-k', '--connect-to', `::127.0.0.1:${port}`]
  const answered = await curl(`http://127.0.0.1:${port}/path`)
  expect(answered).toContain('HTTP/1.1 503 Service Unavailable')
  expect(answered).toContain('Retry-After: 60')
  expect(answered).toContain(`{"message":"${message}"}`)
  expect(await curl('-I', `http://127.0.0.1:${port}/`)).not.toContain(message)
  expect(await curl(...tls, 'https://ends.example/')).toContain(`{"message":"${message}"}`)
  for (const protocol of ['smtp', 'ftp', 'imap', 'pop3'] as const) {
    await close({ message, protocol })
    const plain = await curl(`${protocol}://127.0.0.1:${port}/`)
    expect(plain).toMatch(new RegExp(`< [^\r\n]*${message}`))
    const secure = await curl(...tls, `${protocol}s://ends.example/`)
    expect(secure).toMatch(new RegExp(`< [^\r\n]*${message}`))
  }
})

test('psql shows the message, asking for TLS first or not', async () => {
  const { gateway } = await closedGateway({ message, protocol: 'postgres' })
  const psql = (mode: string) => {
    const where = `host=127.0.0.1 port=${gateway.port} user=u dbname=d gssencmode=disable`
    return run('psql', ['-w', `${where} sslmode=${mode}`])
  }
  expect(await psql('disable')).toContain(`FATAL:  ${message}`)
  expect(await psql('prefer')).toContain(`FATAL:  ${message}`)
  expect(await psql('require')).toContain('server does not support SSL, but SSL was required')
})

test('in shadow mode a client hears nothing of it, not even an answer to its question for TLS', async () => {
  const gateway = await startGateway()
  await routeTo(gateway, (await serveEcho()).port)
  const config = { message, protocol: 'postgres' }
  const row = { name: 'request-termination', config, mode: 'shadow' }
  await gateway.create('/routes/plain/plugins', row)
  const question = Buffer.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f)
  // It goes on waiting for its answer, as psql does.
  const client = connect(gateway.port, '127.0.0.1')
  client.write(question)
  const [heard] = await once(client, 'data')
  expect(heard).toEqual(question)
  client.destroy()
  await until(() => gateway.endings().length === 1)
  expect(gateway.endings()).toMatchObject([
    { would_reject: [{ plugin: 'request-termination', reason: message }] },
  ])
})

test.skipIf(!isInstalled('redis-cli'))('redis-cli shows the message', async () => {
  const { gateway } = await closedGateway({ message, protocol: 'redis' })
  const args = ['-h', '127.0.0.1', '-p', String(gateway.port)]
  expect(await run('redis-cli', [...args, 'PING'])).toContain(`ERR ${message}`)
  const tls = ['--tls', '--insecure', '--sni', 'ends.example']
  expect(await run('redis-cli', [...args, ...tls, 'PING'])).toContain(`ERR ${message}`)
})

const hasSsh = spawnSync('ssh', ['-V']).status === 0

test.skipIf(!hasSsh)('ssh shows the message', async () => {
  const { gateway } = await closedGateway({ message, protocol: 'ssh' })
  const options = ['StrictHostKeyChecking=no', 'BatchMode=yes'].flatMap((each) => ['-o', each])
  const heard = await run('ssh', [...options, '-p', String(gateway.port), 'u@127.0.0.1', 'true'])
  expect(heard).toContain(`:7: ${message}`)
})

test('openssl is told by an alert where TLS passes, and reads the text where it ends', async () => {
  const { gateway } = await closedGateway({ message })
  const s_client = (name: string) =>
    run('openssl', [
      's_client',
      '-ign_eof',
      '-connect',
      `127.0.0.1:${gateway.port}`,
      '-servername',
      name,
    ])
  expect(await s_client('passes.example')).toMatch(/alert internal error/)
  expect(await s_client('ends.example')).toContain(message)
})

test('a client of MySQL gets its error packet before it has said anything', async () => {
  const { gateway } = await closedGateway({ message, protocol: 'mysql' })
  const heard = await mysqlPacket(gateway)
  expect(heard.subarray(3, 7)).toEqual(Buffer.of(0, 0xff, 0x1d, 0x04))
  expect(heard.subarray(7).toString()).toBe(`#08S01${message}`)
  expect(heard.readUIntLE(0, 3)).toBe(heard.length - 4)
})

async function mysqlPacket({ port }: RunningGateway): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of connect(port, '127.0.0.1')) chunks.push(chunk)
  return Buffer.concat(chunks)
}
