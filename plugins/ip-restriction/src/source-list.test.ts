import { definePlugin, type Kit } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import { listServer } from './list-server.fixture.ts'
import { SourceList } from './source-list.ts'

const terms = { timeout: 30_000, limit: 1000, tls: { verify: true, ca: undefined } }

test('the list of a URL is in force; a page and a bad line change nothing', async () => {
  const server = await listServer((_request, response) => response.end('10.0.0.1\n'))
  const plugin = definePlugin({
    name: 'list',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: {} },
    setup: (kit: Kit) => new SourceList(server.url, 0, terms, kit),
    phases: {},
  })
  const mounted = await mount(plugin, {})
  const { state: list, clock, lines } = mounted
  onTestFinished(() => mounted.unmount())
  expect(list.has('10.0.0.1')).toBe(false)
  await list.open()
  const has = () => ['10.0.0.1', '10.0.0.2'].map((client) => list.has(client))
  expect(has()).toEqual([true, false])
  for (const bad of ['<html>', '10.0.0.2\nwhat?\n', '']) {
    server.state.answer = (_request, response) => response.end(bad)
    clock.advance(1)
    await list.reload()
    expect(has()).toEqual([true, false])
  }
  expect(lines.map(({ fields }) => fields['error'])).toEqual([
    "line 1: invalid ip or cidr range: '<html>'",
    "line 2: invalid ip or cidr range: 'what?'",
    'it is empty',
  ])
  server.state.answer = (_request, response) => response.end('10.0.0.2\n')
  clock.advance(1)
  await list.reload()
  expect(has()).toEqual([false, true])
})
