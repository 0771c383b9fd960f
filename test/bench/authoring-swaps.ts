import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { command } from './authoring-first-test.ts'
import { freePort, loopback } from './network.ts'
import { start, until } from './processes.ts'

/** A plugin that puts its version before every chunk from the client, which is echoed. */
function versioned(version: number): string {
  return `import { Transform } from 'node:stream'
import { definePlugin } from '@kong-ts/pdk'

export default definePlugin({
  name: 'my-plugin',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: {} },
  phases: {
    proxy: (conn) =>
      conn.through(
        'upload',
        new Transform({ transform: (chunk, _encoding, done) => done(null, \`${version}:\${chunk}\`) }),
      ),
  },
})
`
}

export interface Swaps {
  /** Milliseconds of each, from before the save to the first answer by the new version. */
  readonly times: readonly number[]
  /** Of the connections that were open all the time, how many were served by their own version to the end. */
  readonly kept: { readonly own: number; readonly all: number }
}

/** Saves a plugin so many times under `kong-ts dev`; a connection of every version stays open. */
export async function swaps(saves: number): Promise<Swaps> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-dev-'))
  const file = join(folder, 'my-plugin.ts')
  const port = await freePort()
  writeFileSync(file, versioned(0))
  const gateway = start(command, ['dev', file, '--listen', `${loopback}:${port}`])
  const open: Socket[] = []
  try {
    await until('the first version answers', () => answersAs(port, 0), gateway)
    const times: number[] = []
    for (let version = 1; version <= saves; version++) {
      open.push(await dial(port))
      const begun = performance.now()
      writeFileSync(file, versioned(version))
      await until(`version ${version} answers`, () => answersAs(port, version), gateway)
      times.push(performance.now() - begun)
      // What is left of the old version is put away before the next save.
      await pause(50)
    }
    const answers = await Promise.all(open.map(ask))
    const own = answers.filter((answer, version) => answer === `${version}:?`).length
    return { times, kept: { own, all: open.length } }
  } finally {
    for (const each of open) each.destroy()
    await gateway.stop()
    rmSync(folder, { recursive: true })
  }
}

/** A connection that the plugin of its time has met. */
async function dial(port: number): Promise<Socket> {
  const client = connect(port, loopback).setEncoding('utf8')
  await ask(client)
  return client
}

/** Rejects when the connection ends without an answer. */
async function ask(client: Socket): Promise<string> {
  const ended = new AbortController()
  client.once('close', () => ended.abort(new Error('it was closed instead of answered')))
  client.write('?')
  const [answer] = await once(client, 'data', { signal: ended.signal })
  return String(answer)
}

async function answersAs(port: number, version: number): Promise<boolean> {
  const client = connect(port, loopback).setEncoding('utf8')
  try {
    return (await ask(client)) === `${version}:?`
  } catch {
    // It does not listen yet.
    return false
  } finally {
    client.destroy()
  }
}
