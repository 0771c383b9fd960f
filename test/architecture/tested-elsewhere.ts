/**
 * The files with behaviour that have no test beside them, and the test that covers each instead.
 * A file belongs here only where a test beside it could do no more than start the whole.
 */
export const testedElsewhere: Readonly<Record<string, string>> = {
  // The inside of a worker process, which its link forks in the test.
  'core/src/node/workers/worker-process.ts': 'core/src/node/workers/forked-link.test.ts',
  // The clock that the tests of this folder have in hand, as it is.
  'core/src/connection/pause.ts': 'test/e2e/upstream-limits.test.ts',
  'core/src/start.ts': 'test/e2e/process.test.ts',
  // How a name server is asked, by asking servers of every kind; and what a name has, by looking it up.
  'core/src/balancing/dns/exchange.ts': 'core/src/balancing/dns/ask.test.ts',
  'core/src/balancing/dns/find-places.ts': 'core/src/balancing/dns/look-up.test.ts',
  'core/src/balancing/dns/find-records.ts': 'core/src/balancing/dns/look-up.test.ts',
  'core/src/balancing/dns/query.ts': 'core/src/balancing/dns/ask.test.ts',
  // Single answers, by asking for them.
  'core/src/admin/about.ts': 'core/src/admin/openapi/openapi.test.ts',
  // What both APIs have in common, by asking one of them.
  'core/src/admin/create-api.ts': 'core/src/admin/create-admin.test.ts',
  // Parts of one document, by reading it whole and by holding answers against it.
  'core/src/admin/openapi/answers.ts': 'core/src/admin/openapi/openapi.test.ts',
  'core/src/admin/openapi/health.ts': 'core/src/admin/openapi/served.test.ts',
  'core/src/admin/openapi/page.ts': 'core/src/admin/openapi/served.test.ts',
  'core/src/admin/openapi/paths.ts': 'core/src/admin/openapi/openapi.test.ts',
  'core/src/admin/openapi/rows.ts': 'core/src/admin/openapi/openapi.test.ts',
  // Its parts are seen in what comes of a whole document.
  'core/src/declarative/read-document.ts': 'core/src/declarative/draft-rows.test.ts',
  'core/src/declarative/references.ts': 'core/src/declarative/draft-rows.test.ts',
  'core/src/declarative/yaml-words.ts': 'core/src/declarative/read-text.test.ts',
  // What the configuration says of lists, by plugins that are mounted with it.
  'plugins/mtls-auth/src/open-revocation.ts': 'plugins/mtls-auth/src/index.test.ts',
  // How the plugin goes about it, by connections through the whole of it.
  'plugins/rate-limiting/src/gate.ts': 'plugins/rate-limiting/src/index.test.ts',
  'plugins/rate-limiting/src/open-limiter.ts': 'plugins/rate-limiting/src/index.test.ts',
  'plugins/rate-limiting/src/schema.ts': 'plugins/rate-limiting/src/index.test.ts',
  // What a start and a reload do with it, by starting and reloading.
  'core/src/node/configuration/open-configuration.ts': 'test/e2e/dbless.test.ts',
  // What a pool is made of, by pools that change.
  'core/src/balancing/health-options.ts': 'core/src/balancing/pools.test.ts',
  'core/src/balancing/member.ts': 'core/src/balancing/pools.test.ts',
  'core/src/balancing/news.ts': 'core/src/balancing/pools.test.ts',
  'core/src/balancing/pool.ts': 'core/src/balancing/pools.test.ts',
  'core/src/balancing/roster.ts': 'core/src/balancing/pools.test.ts',
  // A connection that is opened, by the phase that opens it.
  'core/src/connection/upstream/open-upstream.ts': 'core/src/connection/serve.test.ts',
  // What a session knows of its client, by sessions and by what becomes of first bytes.
  'core/src/connection/client/seen.ts': 'core/src/connection/session.test.ts',
  'core/src/connection/client/sniff.ts': 'core/src/connection/phases/routing.test.ts',
  // What a connection is when it is accepted, by serving one.
  'core/src/connection/phases/accept.ts': 'core/src/connection/serve.test.ts',
  // Whom a plugin sends a connection to, by connections that are sent.
  'core/src/connection/upstream/chosen-service.ts': 'test/e2e/forward.test.ts',
  // Where a target is looked for, by the phase that chooses.
  'core/src/connection/upstream/reach.ts': 'core/src/connection/phases/balance.test.ts',
  // Revisions over the control socket, by the commands that ask for them.
  'core/src/node/control/control-revisions.ts': 'core/src/cli/config-revisions.test.ts',
  // The whole description, by a node that is asked for it.
  'core/src/node/description/describe-node.ts': 'core/src/node/node.test.ts',
  // Waiting, by connections that come too early.
  'core/src/connection/upstream/with-patience.ts': 'core/src/connection/upstream/source.test.ts',
  // A thread that sees the main thread of a gateway stand still.
  'core/src/connection/would-end.ts': 'core/src/connection/session.test.ts',
  'core/src/node/watchdog/main-stack.ts': 'test/e2e/stalls.test.ts',
  'core/src/node/watchdog/report-stall.ts': 'test/e2e/stalls.test.ts',
  'core/src/node/watchdog/watchdog.ts': 'test/e2e/stalls.test.ts',
  // Numbers, by every store that keeps them.
  'core/src/store/numbers.ts': 'core/src/store/sql-store.test.ts',
  // Who has a turn and who gets a result, by a node of several workers.
  'core/src/node/kit/once-ledger.ts': 'core/src/node/kit/once-end.test.ts',
  'core/src/node/kit/once-topic.ts': 'core/src/node/kit/once-end.test.ts',
  // Bodies, by requests that have them.
  'core/src/admin/information/config-body.ts': 'core/src/admin/information/config.test.ts',
  'core/src/admin/bodies/raw-body.ts': 'core/src/admin/information/config.test.ts',
  // What a guard admits, and the words of a query, by whole requests.
  'core/src/admin/guard/guard.ts': 'core/src/admin/guard/refusal.test.ts',
  'core/src/admin/rows/query.ts': 'core/src/admin/rows/list-page.test.ts',
  // The insides of a store, by the contract of every store.
  'core/src/store/memory-constraints.ts': 'core/src/store/memory-store.test.ts',
  'core/src/store/memory-file.ts': 'core/src/store/memory-store.test.ts',
  // Commands and their pieces, by running the command line against a world of the test's own.
  'core/src/cli/check.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/health.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/obey-signals.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/options.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/plugins.ts': 'core/src/cli/run-command-line.test.ts',
  // Standard streams that lead to a file, and saves that are followed, by a command whose output is a file.
  'core/src/cli/dev.ts': 'test/e2e/dev.test.ts',
  'core/src/cli/file-watch.ts': 'test/e2e/dev.test.ts',
  // What makes and tests a package of a plugin, by making and testing one.
  'core/src/cli/plugins-test.ts': 'core/src/cli/plugins-new.test.ts',
  'core/src/cli/plugin-package.ts': 'core/src/cli/plugins-new.test.ts',
  'core/src/cli/process-world.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/quit.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/refuse-unknown.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/reload.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/restart.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/schema-actions.ts': 'core/src/cli/migrations.test.ts',
  'core/src/cli/seconds.ts': 'core/src/cli/migrations.test.ts',
  'core/src/cli/stop.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/table.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/terminal.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/version.ts': 'core/src/cli/run-command-line.test.ts',
  'core/src/cli/wait-until-gone.ts': 'core/src/cli/run-command-line.test.ts',
  // The kinds of values, by resolving settings: what counts is the error an operator reads.
  'core/src/settings/checks.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/conf-file.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/default-conf-file.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/kind.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/kong-names.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/list-settings.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/paths.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/pick-assignments.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/sources.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/special.ts': 'core/src/settings/resolve-settings.test.ts',
  'core/src/settings/units.ts': 'core/src/settings/resolve-settings.test.ts',
  // What only a server shows: whole databases, by the store and the command that use them.
  'core/src/store/postgres-watch.ts': 'core/src/store/postgres-store.test.ts',
  'core/src/store/resolve-commit.ts': 'core/src/store/postgres-store.test.ts',
  'core/src/store/revisions.ts': 'core/src/store/postgres-store.test.ts',
  'core/src/store/schema-state.ts': 'core/src/cli/migrations.test.ts',
  'core/src/store/schema-words.ts': 'core/src/cli/migrations.test.ts',
  // Sockets, by the suite that every transport has to pass.
  'core/src/transport/native/adopt.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/allowance.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/bridge.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/client-context.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/connect.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/hand-over.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/handshake.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/hub.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/inbound.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/listen.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/native.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/native-socket.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/outbound.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/relay.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/say.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/secure.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/secure-upstream.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/native/server-context.ts': 'test/conformance/native-transport.test.ts',
  'core/src/transport/portable/chain.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/close.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/connect.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/flow.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/handshake.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/inbound.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/listen.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/outbound.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/peek.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/portable.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/relay.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/say.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/secure.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/portable/upstream-tls.ts': 'test/conformance/transport.test.ts',
  'core/src/transport/transport.ts': 'test/conformance/transport.test.ts',
}
