import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { makeDatabase, noPostgres } from '../../core/src/store/postgres.fixture.ts'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { serve, talk } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

const run = promisify(execFile)
const example = new URL('../../sdk-examples/9-postgres-tls/src/index.ts', import.meta.url).pathname

async function startWithExample(): Promise<RunningGateway> {
  const gateway = await startGateway({ settings: { plugins: `bundled,${example}` } })
  const { cert, key } = await createSelfSigned({ key: 'ec', commonName: 'db.example', days: 1 })
  await gateway.create('/certificates', { cert, key, snis: ['db.example'] })
  return gateway
}

const show = 'select count(*) from pg_stat_ssl where pid = pg_backend_pid() and ssl'

test.skipIf(noPostgres !== undefined)(
  'psql speaks TLS to the gateway, which speaks to a server that has none',
  async () => {
    const gateway = await startWithExample()
    const { port, database, user } = await makeDatabase()
    await routeTo(gateway, port)
    await gateway.create('/routes/plain/plugins', { name: 'postgres-tls' })
    const psql = (mode: string) =>
      run('psql', [
        '-XAtc',
        show,
        `hostaddr=127.0.0.1 host=db.example port=${gateway.port} dbname=${database} user=${user} sslmode=${mode}`,
      ])
    expect((await psql('require')).stdout).toBe('0\n')
    await until(() => gateway.endings().length === 1)
    expect(gateway.endings()).toMatchObject([{ protocol: 'tls', sni: 'db.example', status: 200 }])
    await expect(psql('disable')).rejects.toMatchObject({
      stderr: expect.stringContaining('this server takes connections with TLS only'),
    })
  },
)

/** What `openssl s_client -starttls` hears once TLS has begun. */
async function startTls(port: number, protocol: string, ...more: readonly string[]) {
  const where = ['-connect', `127.0.0.1:${port}`, '-servername', 'db.example', '-ign_eof']
  const client = spawn('openssl', ['s_client', '-starttls', protocol, ...where, ...more])
  let text = ''
  client.stdout.on('data', (chunk) => (text += chunk))
  client.stderr.on('data', (chunk) => (text += chunk))
  client.stdin.on('error', () => undefined).end('hello\n')
  await new Promise((resolve) => client.once('close', resolve))
  return text
}

const answering = () =>
  serve((socket) => {
    socket.once('data', (chunk) => socket.end(`served ${String(chunk)}`))
  })

test('a route of its own takes over who names it, and its plugins judge the client', async () => {
  const gateway = await startWithExample()
  const [plain, named] = [await answering(), await serve((socket) => void socket.end('the named'))]
  await routeTo(gateway, plain.port)
  await gateway.create('/services', { name: 'named', url: `tcp://127.0.0.1:${named.port}` })
  const route = { name: 'named', protocols: ['tls'], snis: ['named.example'] }
  await gateway.create('/services/named/routes', route)
  await gateway.create('/routes/plain/plugins', { name: 'postgres-tls' })
  const heard = await startTls(gateway.port, 'postgres')
  expect(heard).toContain('served hello')
  expect(heard).toContain('subject=CN = db.example')
  expect(await startTls(gateway.port, 'postgres', '-servername', 'named.example')).toContain(
    'the named',
  )
  await until(() => gateway.endings().length === 2)
  expect(gateway.endings().map(({ route: { name } }) => name)).toEqual(['plain', 'named'])
})

test('what comes between the request and TLS ends the connection', async () => {
  const gateway = await startWithExample()
  const upstream = await answering()
  await routeTo(gateway, upstream.port)
  await gateway.create('/routes/plain/plugins', { name: 'postgres-tls' })
  const request = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
  const smuggled = Buffer.concat([request, Buffer.from('select 1')])
  expect(await talk(gateway.port, smuggled)).toMatchObject({ received: 'S' })
  expect(await talk(gateway.port, request)).toMatchObject({ received: 'S' })
  await until(() => gateway.output().includes('client.preread.closed'))
  expect(gateway.output()).toContain('client.preread.malformed')
  expect(upstream.live.size).toBe(0)
})

/** Greets before an upstream is chosen; who talks before the greeting is no mail server. */
const greeter = `phases: {
  async preread(conn) {
    const early = await Promise.race([
      conn.peek(1).then(() => true, () => true),
      new Promise((resolve) => setTimeout(resolve, 100, false)),
    ])
    if (early) return reject('talks early', '554 5.5.1 wait for the greeting\\r\\n')
    await conn.say('220 gateway ESMTP\\r\\n')
    const line = async () => {
      for (let length = 1; ; length++) {
        const seen = Buffer.from(await conn.peek(length)).toString('latin1')
        const end = seen.indexOf('\\n')
        if (end >= 0) return Buffer.from(await conn.take(end + 1)).toString('latin1').trim()
        if (seen.length < length) return seen
        length = seen.length
      }
    }
    while (true) {
      const said = await line()
      if (/^EHLO /i.test(said)) await conn.say('250-gateway\\r\\n250 STARTTLS\\r\\n')
      else if (/^STARTTLS$/i.test(said)) {
        await conn.say('220 go ahead\\r\\n')
        conn.startTls()
        return
      } else return reject('no TLS', '530 5.7.0 STARTTLS first\\r\\n')
    }
  },
}`

test('SMTP: a greeting before the upstream is chosen, STARTTLS, and no patience for early talkers', async () => {
  const gateway = await startWithPlugins({ greeter })
  const upstream = await answering()
  await routeTo(gateway, upstream.port)
  await gateway.create('/routes/plain/plugins', { name: 'greeter' })
  expect(await startTls(gateway.port, 'smtp')).toContain('served hello')
  expect(await talk(gateway.port, 'EHLO spam\r\n', { halfClose: false })).toMatchObject({
    received: '554 5.5.1 wait for the greeting\r\n',
  })
})
