import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder, until, type Json } from './gateway.ts'

const command = ['/usr/sbin/rsyslogd', '/usr/bin/rsyslogd'].find((path) => existsSync(path))

/** Why tests with rsyslog are skipped, if they are. */
export const noRsyslog = [
  ...(command === undefined ? ['rsyslog is not installed'] : []),
  ...(globSync('/usr/lib/**/rsyslog/lmnsd_gtls.so').length === 0
    ? ['rsyslog-gnutls is not installed']
    : []),
][0]

/** A message as rsyslog has understood it. */
export interface SyslogMessage {
  readonly priority: string
  readonly time: string
  readonly app: string
  readonly process: string
  readonly id: string
  readonly data: string
  readonly text: string
}

export interface Rsyslog {
  readonly ports: { readonly udp: number; readonly tcp: number; readonly tls: number }
  /** What it has received, once it is so much. */
  messages(count: number): Promise<readonly SyslogMessage[]>
}

/** An rsyslog that listens on loopback in three ways and writes down what it is told; ended with the test. */
export async function startRsyslog(identity: { cert: string; key: string }): Promise<Rsyslog> {
  const folder = temporaryFolder()
  const at = (name: string): string => join(folder, name)
  mkdirSync(at('work'))
  writeFileSync(at('cert.pem'), identity.cert)
  writeFileSync(at('key.pem'), identity.key, { mode: 0o600 })
  const udp = await freeDatagramPort()
  writeFileSync(at('rsyslog.conf'), configure(at, udp))
  const args = ['-n', '-f', at('rsyslog.conf'), '-i', at('pid')]
  const child = spawn(command ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const exited = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const ports = ['tcp-port', 'tls-port'].map(at)
  const isUp = (): boolean => ports.every((path) => readIfThere(path) !== '')
  await until(isUp, () => `rsyslog did not start:\n${output}`)
  const [tcp = 0, tls = 0] = ports.map((path) => Number(readIfThere(path)))
  const lines = (): string[] => readIfThere(at('messages')).split('\n').slice(0, -1)
  return {
    ports: { udp, tcp, tls },
    async messages(count) {
      await until(
        () => lines().length >= count,
        () => `${count} messages expected:\n${lines().join('\n')}\n${output}`,
      )
      return lines().map((line): Json => JSON.parse(line))
    },
  }
}

function configure(at: (name: string) => string, udp: number): string {
  const fields = {
    priority: 'pri-text',
    time: 'timereported" dateformat="rfc3339',
    app: 'app-name',
    process: 'procid',
    id: 'msgid',
    data: 'structured-data',
    text: 'msg',
  }
  const properties = Object.entries(fields).map(
    ([name, property]) => `property(outname="${name}" name="${property}" format="jsonf")`,
  )
  const list = [
    'constant(value="{")',
    ...properties.flatMap((each) => [each, 'constant(value=",")']).slice(0, -1),
    String.raw`constant(value="}\n")`,
  ]
  return `global(workDirectory="${at('work')}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${at('cert.pem')}"
  defaultNetstreamDriverCertFile="${at('cert.pem')}" defaultNetstreamDriverKeyFile="${at('key.pem')}")
module(load="imudp")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
module(load="imptcp")
template(name="all" type="list") { ${list.join(' ')} }
ruleset(name="keep") { action(type="omfile" file="${at('messages')}" template="all") }
input(type="imudp" address="127.0.0.1" port="${udp}" ruleset="keep")
input(type="imptcp" address="127.0.0.1" port="0" listenPortFileName="${at('tcp-port')}" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="${at('tls-port')}" ruleset="keep")
`
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

async function freeDatagramPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}
