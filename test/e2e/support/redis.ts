import { spawn, type ChildProcess } from 'node:child_process'
import { connect, createServer, type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { temporaryFolder, until } from './gateway.ts'

/** A Redis server of the test's own, on loopback. */
export interface RunningRedis {
  readonly port: number
  /** Ends it without a goodbye. */
  kill(): Promise<void>
  /** Once more, on the same port, with nothing in it. */
  restart(): Promise<void>
  /** Stops it in the middle of whatever it does; its connections stay. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Asks in its inline form; the first line of the answer, or all of it. */
  ask(command: string): Promise<string>
}

export interface RedisSettings {
  readonly password?: string
  /** Certificate and key, as files: it speaks nothing but TLS then. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export async function startRedis(settings: RedisSettings = {}): Promise<RunningRedis> {
  const port = await freePort()
  let child = launch(port, settings)
  onTestFinished(() => void child.kill('SIGKILL'))
  await untilListening(port)
  return {
    port,
    kill: () => end(child),
    async restart() {
      await end(child)
      child = launch(port, settings)
      await untilListening(port)
    },
    signal: (name) => void child.kill(name),
    ask: (command) => ask(port, settings.password, command),
  }
}

function launch(port: number, { password, tls }: RedisSettings): ChildProcess {
  const where = tls
    ? [
        '--port 0',
        `--tls-port ${port}`,
        '--tls-auth-clients no',
        `--tls-cert-file ${tls.cert}`,
        `--tls-key-file ${tls.key}`,
        `--tls-ca-cert-file ${tls.cert}`,
      ]
    : [`--port ${port}`]
  const rest = ['--bind 127.0.0.1', '--appendonly no']
  const secret = password === undefined ? [] : [`--requirepass ${password}`]
  return spawn(
    'redis-server',
    [...where, ...rest, ...secret].flatMap((each) => each.split(' ')),
    {
      cwd: temporaryFolder(),
      stdio: 'ignore',
    },
  )
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function untilListening(port: number): Promise<void> {
  return until(
    () =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1')
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
        socket.once('connect', () => socket.destroy())
      }),
    () => 'redis-server did not start',
  )
}

function ask(port: number, password: string | undefined, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const login = password === undefined ? '' : `AUTH ${password}\r\n`
  return new Promise((resolve, reject) => {
    let said = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    socket.once('error', reject)
    socket.once('close', () => resolve(said))
    socket.end(`${login}${command}\r\nQUIT\r\n`)
  })
}
