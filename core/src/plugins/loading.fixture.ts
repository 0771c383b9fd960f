import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

/** For the tests: a folder far from the checkout with these files, removed with the test. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-plugins-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** For the tests: the source of a plugin, in TypeScript unless told otherwise. */
export function sourceOf(name: string, more = ''): string {
  return `import { definePlugin } from '@kong-ts/pdk'
const version: string = '1.0.0'
export default definePlugin({
  name: '${name}', version, priority: 1, schema: { type: 'object', properties: {} }, phases: {}, ${more}
})`
}

export function javaScript(source: string): string {
  return source.replace(': string', '')
}

/** For the tests: what a process of its own loads. */
export async function loadElsewhere(cwd: string, ...specifiers: string[]): Promise<unknown> {
  const child = new URL('./loading.child.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [child, cwd, ...specifiers])
  return JSON.parse(stdout)
}
