import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, until } from './support/gateway.ts'

const run = promisify(execFile)
const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The lines of the README's shell blocks under `## Try it`. */
function examples(): string[] {
  const section = readme.split('\n## Try it\n')[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    (block ?? '').trim().split('\n'),
  )
}

test('the commands of the README do what it says', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  const echo = spawn(command, ['echo', '--listen', '127.0.0.1:0'])
  onTestFinished(() => void echo.kill())
  let told = ''
  echo.stdout.on('data', (chunk) => (told += chunk))
  await until(() => /:(\d+)/.test(told))
  const onOurPorts = (line: string): string =>
    line
      .replaceAll('npx kong-ts plugins list', `${command} plugins list -p ${gateway.prefix}`)
      .replaceAll('localhost:8001', `localhost:${gateway.adminPort}`)
      .replaceAll(/\b5555\b/g, String(gateway.port))
      .replaceAll('127.0.0.1:30000', `127.0.0.1:${/:(\d+)/.exec(told)?.[1]}`)
  const [starts, service, tlsRoute, handshake, plainRoute, limit, dials, listing] =
    examples().map(onOurPorts)
  const shell = async (line = 'false'): Promise<string> => (await run('bash', ['-c', line])).stdout

  expect(starts).toMatch(/^npx kong-ts echo --listen 127\.0\.0\.1:\d+ &$/)
  expect(JSON.parse(await shell(service))).toMatchObject({
    name: 'tcpbin-echo',
    protocol: 'tcp',
    host: '127.0.0.1',
  })
  expect(JSON.parse(await shell(tlsRoute))).toMatchObject({
    protocols: ['tls'],
    snis: ['tlsbin-example'],
  })
  for (const algorithm of ['RSA+SHA256', 'ECDSA+SHA256']) {
    expect(await typed(`${handshake} -tls1_2 -sigalgs ${algorithm}`, 'hello')).toContain('\nhello')
  }
  expect(JSON.parse(await shell(plainRoute))).toMatchObject({
    name: 'plain',
    destinations: [{ ip: null, port: gateway.port }],
  })
  expect(JSON.parse(await shell(limit))).toMatchObject({
    name: 'rate-limiting',
    config: { minute: 2 },
  })
  // The three connections have to fall into one minute of the clock.
  await until(() => new Date().getSeconds() < 55)
  expect((await shell(dials)).trim().split('\n').length).toBe(2)
  expect(await shell(listing)).toMatch(/rate-limiting .* route plain/)
  await until(() =>
    gateway.endings().some(({ ending }) => ending === 'plugin.rate-limiting.rejected'),
  )
})

/** Types a line into a command and hears what it says until the line comes back. */
async function typed(line: string, text: string): Promise<string> {
  const child = spawn('bash', ['-c', `exec ${line}`])
  onTestFinished(() => void child.kill())
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  await until(
    () => said.includes('Verify return code') || child.exitCode !== null,
    () => `no handshake: ${said}`,
  )
  child.stdin.write(`${text}\n`)
  await until(
    () => said.includes(`\n${text}`),
    () => `no echo: ${said}`,
  )
  child.kill()
  return said
}
