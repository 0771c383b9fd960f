import { readFileSync } from 'node:fs'
import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import prometheus from './index.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly gridPos: { readonly x: number; readonly w: number }
  readonly targets?: readonly { readonly expr: string }[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: unknown }[]
  }
}

const dashboard: Dashboard = JSON.parse(
  readFileSync(new URL('../grafana/kong-ts.json', import.meta.url), 'utf8'),
)

function namesIn(text: string): readonly string[] {
  const names = [...text.matchAll(/\bkong_[a-z0-9_]+/g)].map(([name]) => name)
  return names.map((name) => name.replace(/_(bucket|sum|count)$/, ''))
}

const asked = new Set([
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr))),
  ...dashboard.templating.list.flatMap(({ query }) => namesIn(JSON.stringify(query))),
])

test('it asks for everything that the plugin counts', async () => {
  const on = { status_code_metrics: true, latency_metrics: true, bandwidth_metrics: true }
  const { metrics } = await mount(prometheus, on)
  for (const name of metrics.names()) expect([...asked]).toContain(name)
})

test('every panel has a place and an id of its own, and shows something', () => {
  const ids = dashboard.panels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { type, targets = [], gridPos } of dashboard.panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    expect(targets.length > 0).toBe(type !== 'row')
  }
})

test('what a query refers to is a variable of the dashboard or of Grafana', () => {
  const own = dashboard.templating.list.map(({ name }) => `$${name}`)
  const used = JSON.stringify(dashboard).match(/\$(\{\w+\}|\w+)/g) ?? []
  const plain = used.map((variable) => variable.replace(/[{}]/g, ''))
  const others = plain.filter((variable) => !variable.startsWith('$__'))
  expect(new Set(others)).toEqual(new Set(own))
})
