import { STATUS_CODES } from 'node:http';
import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import { consoleApiPrefix } from '../../../shared/contracts/console-request.ts';
import type { ConsoleRoute } from '../../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../../shared/contracts/console-routes.ts';
import { apiErrorSchema } from '../../../shared/contracts/errors.ts';
import { reportTables } from '../../../shared/contracts/report-tables.ts';

/** The console interface as OpenAPI 3.1, made of the table of routes and of nothing else. */
export function openApiDocument(productVersion: string): OpenAPIV3_1.Document {
  const paths: Record<string, OpenAPIV3_1.PathItemObject> = {};
  for (const [name, route] of Object.entries<ConsoleRoute>(consoleRoutes)) {
    const path = `${consoleApiPrefix}${route.path.replace(/:([A-Za-z]+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Fanout console', version: productVersion },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API token, or the one of server.json' },
        session: { type: 'apiKey', in: 'cookie', name: 'fanout-PORT', description: 'The session of a browser' },
      },
      schemas: { ApiError: jsonSchemaOf(apiErrorSchema, 'output') },
    },
  };
}

function operationOf(name: string, route: ConsoleRoute): OpenAPIV3_1.OperationObject {
  const status = route.answer === undefined ? 204 : 200;
  const asTable = Object.hasOwn(reportTables, name) ? { 'text/csv': { schema: { type: 'string' as const } } } : {};
  const content =
    route.answer === undefined ? undefined : { ...json(jsonSchemaOf(route.answer, 'output')), ...asTable };
  const statuses = [status, ...(route.answeredFailures ?? [])];
  return {
    operationId: name,
    summary: route.summary,
    security: securityOf(route),
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...requestBodyOf(route),
    responses: {
      ...Object.fromEntries(
        statuses.map((each) => [each, { description: STATUS_CODES[each] ?? '', ...(content && { content }) }]),
      ),
      default: {
        description: 'Refused: what was wrong and what to do',
        content: json({ $ref: '#/components/schemas/ApiError' }),
      },
    },
  };
}

function requestBodyOf({ body, takesFile }: ConsoleRoute): Pick<OpenAPIV3_1.OperationObject, 'requestBody'> {
  if (takesFile === true) return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  return body === undefined ? {} : { requestBody: { required: true, content: json(jsonSchemaOf(body, 'input')) } };
}

function json(schema: OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject) {
  return { 'application/json': { schema } };
}

/** Either way of signing in will do; what stands beside it is the least role or scope. */
function securityOf({ access }: ConsoleRoute): OpenAPIV3_1.SecurityRequirementObject[] {
  if (access === 'anybody') return [];
  const least = access === 'self' ? [] : [access];
  return [{ bearer: least }, { session: least }];
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): OpenAPIV3_1.ParameterObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    // The types of 3.1 still refer to the schemas of 3.0 here.
    schema: property as OpenAPIV3.SchemaObject,
  }));
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): OpenAPIV3_1.SchemaObject {
  // What JSON Schema cannot say (a check in code) is left out: the server checks it all the same.
  const { $schema: _dialect, ...jsonSchema } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return jsonSchema as OpenAPIV3_1.SchemaObject;
}
