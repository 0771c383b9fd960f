import { afterEach, beforeEach, expect, test } from 'vitest'
import { controlledConfiguration } from './controlled-configuration.ts'
import { declarativeNode } from './declarative.fixture.ts'

let node: Awaited<ReturnType<typeof declarativeNode>>
beforeEach(async () => {
  node = await declarativeNode()
})
afterEach(() => node.remove())

const service = '_format_version: "3.0"\nservices:\n- name: a\n  host: h\n'

test('a running node adds a document and writes all that it has', async () => {
  const controlled = controlledConfiguration(node, node.context, undefined)
  await controlled.import(service, 'kong.yml')
  await controlled.import(service.replace('name: a', 'name: b'), 'kong.yml')
  expect(controlled.export()).toMatch(/name: [ab][^]*name: [ab]/)
  await expect(controlled.import('a: 1', 'kong.yml')).rejects.toMatchObject({ code: 14 })
})

test('without a database it does neither, in the words of Kong', async () => {
  const controlled = controlledConfiguration(node, node.context, node.config)
  expect(() => controlled.export()).toThrow("'kong config db_export' only works with a database.")
  await expect(controlled.import(service, 'kong.yml')).rejects.toThrow(
    /^'kong config db_import' only works with a database\.\nWhen using database=off/,
  )
})
