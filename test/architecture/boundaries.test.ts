import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { root } from './repository.ts'

/** Judges a made-up repository by the rules of this one; answers with the names of the rules that it breaks. */
function brokenRules(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-boundaries-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json'])
    cpSync(root + name, `${folder}/${name}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(`${folder}/${path}`), { recursive: true })
    writeFileSync(`${folder}/${path}`, text)
  }
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.']
  const { stdout } = spawnSync(`${root}node_modules/.bin/depcruise`, args, {
    cwd: folder,
    encoding: 'utf8',
  })
  const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } }
  return [...new Set(report.summary.violations.map(({ rule }) => rule.name))].toSorted()
}

test('a repository in order breaks no rule', () => {
  const files = {
    'core/src/store/a.ts': "import type { b } from '../entities/b.ts'\nexport type a = typeof b\n",
    'core/src/entities/b.ts': 'export const b = 1\n',
    'core/src/start.ts': "import './admin/c.ts'\n",
    'core/src/admin/c.ts': "import '../store/a.ts'\n",
  }
  expect(brokenRules(files)).toEqual([])
})

test('each rule finds what it forbids', () => {
  const files = {
    'core/src/admin/to-root.ts': "import type {} from '../start.ts'\n",
    'core/src/connection/low.ts': 'export {}\n',
    'core/src/routing/client-hello.ts': "import 'node:net'\n",
    'core/src/start.ts': "import '../../plugins/p/src/alone.ts'\nimport '../../test/a.ts'\n",
    'core/src/store/circle.ts': "import type {} from './other-half.ts'\n",
    'core/src/store/downwards.ts': "import type {} from '../connection/low.ts'\n",
    'core/src/store/other-half.ts': "import type {} from './circle.ts'\n",
    'core/src/store/to-test.ts': "import './x.test.ts'\n",
    'core/src/store/x.test.ts': 'export {}\n',
    'core/src/transport/a.ts': "import '../connection/low.ts'\nimport '../store/x.ts'\n",
    'core/src/store/x.ts': 'export {}\n',
    'core/src/unlisted/a.ts': "import './b.ts'\n",
    'core/src/unlisted/b.ts': "import './absent.ts'\n",
    'pdk/src/a.ts': "import type {} from '../../core/src/store/x.ts'\n",
    'plugins/p/src/alone.ts': 'export {}\n',
    'plugins/q/src/a.ts': "import '../../p/src/alone.ts'\n",
    'test/a.ts': 'export {}\n',
  }
  expect(brokenRules(files)).toEqual([
    'core-folders-are-layers',
    'core-knows-no-plugin',
    'core-layers-admin',
    'core-layers-store',
    'core-layers-transport',
    'core-transport-stands-alone',
    'everything-resolves',
    'no-circular',
    'nobody-imports-test',
    'parsing-knows-no-socket',
    'pdk-imports-only-ajv-cel-and-node',
    'plugins-import-only-the-pdk',
    'source-imports-no-test',
  ])
})
