import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveControl } from '../node/control/control-server.ts'
import type { Revisions } from '../node/configuration/revisions.ts'
import { diffText, historyTable, rollbackText } from './revision-texts.ts'
import { runCommandLine } from './run-command-line.ts'
import { fakeWorld } from './world.fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-revisions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function run(line: string) {
  const world = fakeWorld({ cwd: folder })
  const code = await runCommandLine([...line.split(' '), '-p', folder], world)
  return { code, out: world.written.join('\n'), err: world.complained.join('\n') }
}

const revisions: Revisions = {
  list: async ({ size }) => [
    { number: size, created_at: 0.5, author: null, changes: 2, entities: ['routes', 'services'] },
  ],
  show: () => Promise.reject(new Error('not in this test')),
  diff: async (from, to = 9) => ({
    from,
    to,
    changes: [
      {
        op: 'update',
        entity: 'services',
        id: 'i',
        name: 'db',
        before: { port: 1, path: null },
        after: { port: 2, path: '/' },
      },
    ],
  }),
  rollback: async (number, author) => {
    if (number === 7) throw new Error('there is no revision 7')
    return { revision: 9, changes: author === 'kong-ts' ? number : -1 }
  },
}

async function withNode(act: () => Promise<void>) {
  const control = await serveControl(folder, {
    status: () => ({}),
    plugins: async () => [],
    reload: async () => undefined,
    stop: () => undefined,
    configuration: { export: () => '', import: async () => undefined },
    revisions,
  })
  try {
    await act()
  } finally {
    await control.close()
  }
}

test('the node that runs is asked', () =>
  withNode(async () => {
    expect(await run('config history -n 3')).toEqual({
      code: 0,
      out: [
        'REVISION  TIME                      AUTHOR  ROWS  ENTITIES',
        '3         1970-01-01T00:00:00.500Z  -       2     routes, services',
      ].join('\n'),
      err: '',
    })
    expect(JSON.parse((await run('config history --json')).out)).toMatchObject({
      revisions: [{ number: 20, created_at: 0.5 }],
    })
    expect((await run('config diff 3 4')).out).toBe(
      [
        '~ services db (i)',
        '    - port: 1',
        '    - path: null',
        '    + port: 2',
        '    + path: "/"',
      ].join('\n'),
    )
    expect(JSON.parse((await run('config diff 3 --json')).out)).toMatchObject({ from: 3, to: 9 })
    expect((await run('config rollback 2')).out).toBe(
      'revision 9 brings revision 2 back: 2 rows changed',
    )
    expect(await run('config rollback 7')).toMatchObject({
      code: 1,
      err: 'Error: there is no revision 7',
    })
  }))

test('it has none without a database', async () => {
  const control = await serveControl(folder, {
    status: () => ({}),
    plugins: async () => [],
    reload: async () => undefined,
    stop: () => undefined,
    configuration: { export: () => '', import: async () => undefined },
  })
  expect((await run('config history')).err).toBe('Error: there are no revisions without a database')
  await control.close()
})

test.each([['config history'], ['config diff 1 2'], ['config rollback 1']])(
  '%s says that no node runs',
  async (line) => {
    expect(await run(line)).toEqual({
      code: 1,
      out: '',
      err: `Error: kong-ts is not running at ${folder}`,
    })
  },
)

test.each([
  ['config diff'],
  ['config diff x'],
  ['config diff 1 2 3'],
  ['config rollback'],
  ['config rollback 1.5'],
  ['config history -n 0'],
])('%s is refused', async (line) => {
  expect(await run(line)).toMatchObject({ code: 1, out: '' })
})

test('rows that come and go are told without what they do not have', () => {
  const row = { entity: 'routes', id: 'i', name: null }
  const changes = [
    { ...row, op: 'create', before: null, after: { snis: ['a'], paths: null } },
    { ...row, op: 'delete', before: { snis: null, name: 'b' }, after: null },
  ]
  expect(diffText({ changes })).toBe(
    '+ routes (i)\n    + snis: ["a"]\n- routes (i)\n    - name: "b"',
  )
  expect(diffText({ changes: [] })).toBe('no difference')
  expect(historyTable({ revisions: [] }, { styled: false })).toBe('nothing has changed yet')
  expect(rollbackText(3, { revision: 5, changes: 0 })).toBe(
    'revision 5 is the configuration of revision 3 already',
  )
  expect(rollbackText(3, { revision: 5, changes: 1 })).toMatch(/1 row changed$/)
  expect(() => rollbackText(3, {})).toThrow('of another version')
  expect(() => diffText('x')).toThrow('of another version')
})
