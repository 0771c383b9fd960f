/**
 * What can be wrong with a plugin, as a word that stays: it stands in the field `code` of the log, and at the end of the
 * message of one that cannot be loaded.
 */
export const pluginCodes = {
  plugin_not_installed: 'Nothing of that name was found.',
  plugin_bad_package: 'Its package.json cannot be read.',
  plugin_import_failed: 'Its code throws while it is loaded, or does not parse.',
  plugin_imports_core:
    'It imports the inside of the gateway; only `@kong-ts/pdk` is there for plugins.',
  plugin_no_default_export: 'It has no plugin as its default export.',
  plugin_wrong_api_version: 'It was made for another version of the plugin API.',
  plugin_bad_name: 'Its name is not lower-case letters, digits and dashes.',
  plugin_bad_version: 'Its version is no semantic version.',
  plugin_bad_priority: 'Its priority is no number.',
  plugin_bad_description: 'Its description is no text.',
  plugin_bad_schema: 'Its schema is no JSON Schema of an object that could be checked.',
  plugin_bad_phases: 'It has no phases, one that does not exist, or one that is no function.',
  plugin_bad_hooks: 'Its setup, teardown or check is no function.',
  plugin_bad_protocols: 'Its protocols are not some of tcp, tls and tls_passthrough.',
  plugin_name_taken: 'Another plugin has its name.',
  plugin_setup_failed:
    'Its setup threw or did not settle; the change of the configuration is refused.',
  plugin_teardown_failed: 'Its teardown threw or did not settle; nobody else is concerned.',
  plugin_kept_timers: 'Timers of its setup go on after its teardown.',
  plugin_threw: 'A phase threw; the connection ends as `on_error` has it.',
  plugin_promise_rejected: 'The promise of a phase was rejected; the same holds.',
  plugin_timeout: 'A phase did not settle in time; the same holds.',
  plugin_bad_answer: 'A phase answered with what is no answer there; the same holds.',
  plugin_answered_null: 'A phase answered null: it means nothing, and the connection goes on.',
  plugin_settled_twice: 'A phase settled more than once: the first answer counts.',
  plugin_stream_failed: 'A transform failed or closed early; its connection ends.',
  plugin_wrote_after_end: 'A transform wrote after its end; its connection ends.',
  plugin_stray_error:
    'It threw outside of its phases, in a timer or a promise that nobody waits for.',
  plugin_stalled: 'It held up the event loop of its worker.',
} as const

export type PluginCode = keyof typeof pluginCodes
