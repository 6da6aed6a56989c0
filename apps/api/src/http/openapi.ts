import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { REPLAY, type Replay } from './replay';

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'What is wrong (RFC 9457). `code` is stable; `detail` names the field and the remedy.',
  required: ['type', 'title', 'status', 'code', 'instance'],
  properties: {
    type: { type: 'string', example: 'urn:plenary:problem:changed_meanwhile' },
    title: { type: 'string', example: 'Changed meanwhile' },
    status: { type: 'integer', example: 412 },
    code: { type: 'string', example: 'changed_meanwhile' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'The request, as it is named in the log.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'detail'],
        properties: { field: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};

/** The description of the API at /openapi.json, and pages to browse and try it at /docs. */
export function describeApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Plenary API',
    swaggerOptions: { persistAuthorization: true },
  });
}

/** OpenAPI 3.1, from the controllers and DTOs. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const configuration = new DocumentBuilder()
    .setTitle('Plenary')
    .setDescription(
      'The meeting secretariat for dialogues between States. Organisers make a token on the page `/organiser` and send it as a bearer token. ' +
        'PUT replaces a whole document and requires `If-Match` with the ETag that GET sends. Other edits may carry `If-Match`, and creates `Idempotency-Key`. Errors are problem documents (RFC 9457).',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'plenary_<id>.<secret>' }, 'token')
    .build();
  const document = SwaggerModule.createDocument(app, configuration);
  describeProblems(document);
  return document;
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

interface Schema {
  required?: string[];
  properties?: Record<string, unknown>;
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

type Body = NonNullable<Operation['requestBody']> & { required?: boolean };

/** Whether a body may be left out, since it has no field that must be there. */
function needsNothing(document: OpenAPIObject, body: Body): boolean {
  const schema = schemaOf(
    document,
    'content' in body ? body.content?.['application/json']?.schema : undefined,
  );
  return schema !== undefined && (schema.required ?? []).length === 0;
}

function schemaOf(document: OpenAPIObject, schema: object | undefined): Schema | undefined {
  const reference = schema && '$ref' in schema ? String(schema.$ref).split('/').at(-1)! : undefined;
  return reference === undefined
    ? undefined
    : (document.components?.schemas?.[reference] as Schema | undefined);
}

function sends(operation: Operation | undefined, header: string): boolean {
  return (operation?.parameters ?? []).some((one) => 'name' in one && one.name === header);
}

/** What is edited with If-Match is answered with the ETag that it takes. */
function describeETag(item: OpenAPIObject['paths'][string]): void {
  if (!sends(item.put, 'If-Match') && !sends(item.patch, 'If-Match')) return;
  for (const operation of [item.get, item.put, item.patch]) {
    const answer = operation?.responses['200'];
    if (!answer || !('description' in answer)) continue;
    answer.headers = {
      ...answer.headers,
      ETag: { description: 'The version that is shown, for If-Match.', schema: { type: 'string' } },
    };
  }
}

/** What a route declares of a replay; see `replay.ts`. */
function replayOf(operation: Operation): Replay | undefined {
  return (operation as { [REPLAY]?: Replay })[REPLAY];
}

function replayWords(operation: Operation): string {
  const replay = replayOf(operation) ?? [];
  const isMarked = 'It has `Idempotency-Replayed: true`';
  if (replay === 'again') return 'It is done again, as it changes nothing.';
  if (replay === 'location') return `The answer is what a GET of its Location answers you now. ${isMarked}.`;
  if (replay.length === 0) return `The answer has the same status and no body. ${isMarked}.`;
  return `The answer has the same status and, of its body, only ids, counts and instants in: ${replay.join(', ')}. ${isMarked}.`;
}

/** Says that what was made has an address. */
function describeLocation(operation: Operation): void {
  if (replayOf(operation) !== 'location') return;
  const made = operation.responses['201'];
  if (made && 'description' in made) {
    made.headers = { location: { description: 'Where it can be read.', schema: { type: 'string' } } };
  }
}

/** What every route has in common is said once, here, instead of above every method. */
function describeProblems(document: OpenAPIObject): void {
  document.components ??= {};
  document.components.schemas ??= {};
  document.components.schemas['Problem'] = PROBLEM_SCHEMA;
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      // The first paragraph of the comment is the summary, the rest describes.
      const [summary = '', ...paragraphs] = (operation.summary ?? '').split('\n\n');
      operation.summary = summary.replaceAll('\n', ' ');
      if (paragraphs.length > 0)
        operation.description = paragraphs.join('\n\n').replace(/(?<!\n)\n(?!\n)/g, ' ');
      for (const parameter of operation.parameters ?? []) {
        if ('schema' in parameter && parameter.schema && 'default' in parameter.schema)
          parameter.required = false;
      }
      const body = operation.requestBody as Body | undefined;
      if (body && method !== 'patch' && needsNothing(document, body)) body.required = false;
      const isForOrganisers = path.startsWith('/v1/') && !path.startsWith('/v1/public/');
      if (isForOrganisers) {
        operation.security = [{ token: [] }];
        operation.responses['401'] ??= problem('The token is missing, unknown, expired or revoked.');
        if (method !== 'get') operation.responses['403'] ??= problem('The token may only read.');
      }
      if (path.includes('{')) operation.responses['404'] ??= problem('It is not there, or not yours to see.');
      if (operation.requestBody)
        operation.responses['422'] ??= problem('Fields are not right; `errors` names each.');
      if (method === 'post' && path.startsWith('/v1/')) {
        (operation.parameters ??= []).push({
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', maxLength: 255 },
          description: `Repeated with the same key and body within 24 hours, nothing happens twice. ${replayWords(operation)}`,
        });
        describeLocation(operation);
      }
      if (sends(operation, 'If-Match')) {
        operation.responses['412'] ??= problem('It was changed since it was read.');
        if (method === 'put') {
          operation.responses['428'] ??= problem('If-Match is missing, or `*`. Read the document first.');
        }
      }
      operation.responses['default'] ??= problem('Anything else that is wrong.');
    }
    describeETag(item);
  }
}
