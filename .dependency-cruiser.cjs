/**
 * What may import what. Libraries depend on each other in one direction only; ARCHITECTURE.md says why.
 * test/architecture.spec.ts proves that these rules fire.
 */

/** From the ground up: each library may import those in the rows above it, and none of its own row. */
const layers = [
  ['platform'],
  ['mail'],
  ['accounts', 'directory'],
  ['dialogues'],
  ['participants'],
  ['proceedings'],
  ['notifications'],
  ['database'],
];

/** Files that may look inside a library: its own tests lie beside the code, the others in test/. */
const tests = '\\.spec\\.tsx?$|^test/';

/** A library missing above would escape every rule. */
const known = layers.flat().join('|');

const direction = layers.flatMap((row, depth) =>
  row.flatMap((lib) => {
    const above = layers
      .slice(depth)
      .flat()
      .filter((other) => other !== lib);
    // The last library may import all others.
    if (above.length === 0) return [];
    return {
      name: `direction-of-${lib}`,
      comment: `libs/${lib} imports only what lies under it; move what both need down, or turn the call around.`,
      severity: 'error',
      from: { path: `^libs/${lib}/`, pathNot: tests },
      to: { path: `^libs/(${above.join('|')})/` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...direction,
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one, or hide a third.',
      severity: 'error',
      from: {},
      // `import type` leaves nothing behind in the program; two-way relations of entities need it.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-lib-without-a-place',
      comment: 'Give a new library its place in the list at the top of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^(apps|libs|test)/' },
      to: { path: '^libs/', pathNot: `^libs/(${known})/` },
    },
    {
      name: 'libs-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'api-and-worker-apart',
      comment: 'They are programs of their own; what several need belongs in a library.',
      severity: 'error',
      from: { path: '^apps/(api|returns|worker)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'through-the-barrel',
      comment: 'What others may use of a library is in its src/index.ts: import @app/<lib>.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: [tests, '\\.rules\\.ts$'] },
      to: {
        path: '^libs/',
        pathNot: [
          '^$1/$2/',
          '^libs/[^/]+/src/index\\.ts$',
          // It comes before all else, and the barrel loads what it has to patch.
          '^libs/platform/src/start-tracing\\.ts$',
        ],
      },
    },
    {
      name: 'rules-through-rules',
      comment:
        'A rule may load what is as pure as itself in another library: its rules, and the keys for comparison.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/.*\\.rules\\.ts$' },
      to: {
        path: '^libs/',
        pathNot: [
          '^$1/$2/',
          '^libs/[^/]+/src/index\\.ts$',
          '\\.rules\\.ts$',
          '^libs/platform/src/keys\\.ts$',
        ],
      },
    },
    {
      name: 'rules-are-pure',
      comment: 'A rule is handed what it judges; it asks no framework, database, file or network.',
      severity: 'error',
      from: { path: '\\.rules\\.ts$' },
      to: {
        path: [
          '(^|/)(@nestjs|typeorm|pg|bullmq|ioredis|nodemailer|fastify|@fastify)(/|$)',
          '^(node:)?(fs|net|http|http2|https|dns|dgram|tls|child_process|cluster|worker_threads)(/|$)',
        ],
      },
    },
    {
      name: 'rules-load-little',
      comment:
        'A barrel or an entity brings the framework and TypeORM along; import the pure file, or `import type`.',
      severity: 'error',
      from: { path: '\\.rules\\.ts$' },
      to: { path: '^libs/[^/]+/src/index\\.ts$|\\.entity\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'product-without-tests',
      comment: 'The program is shipped without its tests.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: tests },
      to: { path: '^test/|\\.spec\\.tsx?$' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^(apps|libs|test)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data|coverage|tmp)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'import', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
