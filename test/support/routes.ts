import 'reflect-metadata';
import { RequestMethod, type Type } from '@nestjs/common';
import {
  METHOD_METADATA,
  MODULE_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { getMetadataStorage } from 'class-validator';

// The library does not export where it keeps what `@Type` says.
const { defaultMetadataStorage } = require('class-transformer/cjs/storage') as {
  defaultMetadataStorage: {
    findTypeMetadata(target: Type, property: string): { typeFunction(): Type };
  };
};

/** A method of a controller that answers a route. */
export interface Route {
  /** Such as `POST /v1/dialogues/:id/roles`. */
  name: string;
  method: string;
  path: string;
  /** The class of its body, if it has one. */
  body: Type | null;
  /** The class of its query. */
  query: Type | null;
}

/** A field of a DTO, where it can be reached from a body. */
export interface DtoField {
  /** As a problem document names it, such as `sessions.0.title`. */
  path: string;
  /** The class that declares it, and its name there. */
  dto: Type;
  property: string;
  /** A body that has this value there, and on the way to it only what leads there. */
  body: (value: unknown) => object;
}

/** Every route of the API and of its pages, from the controllers themselves: a new one is among them by itself. */
export function everyRoute(): Route[] {
  const { ApiModule } =
    require('../../apps/api/src/api.module') as typeof import('../../apps/api/src/api.module');
  return controllersOf(ApiModule, new Set()).flatMap(routesOf);
}

/** Every field that a body or query of this class can have, those of the objects in it too. */
export function everyField(
  dto: Type,
  before = '',
  inside: (value: unknown) => object = (value) => value as object,
): DtoField[] {
  return propertiesOf(dto).flatMap((property) => {
    const path = before + property;
    const body = (value: unknown) => inside({ [property]: value });
    const field = { path, dto, property, body };
    const nested = nestedIn(dto, property);
    if (!nested) return [field];
    const isList = nested.isList && ((value: unknown) => body([value]) as object);
    return [
      field,
      ...everyField(nested.type, isList ? `${path}.0.` : `${path}.`, isList || ((value) => body(value))),
    ];
  });
}

function controllersOf(module: Type, seen: Set<unknown>): Type[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const given = <T>(key: string) => (Reflect.getMetadata(key, module) ?? []) as T[];
  return [
    ...given<Type>(MODULE_METADATA.CONTROLLERS),
    ...given<Type | { module: Type }>(MODULE_METADATA.IMPORTS).flatMap((imported) =>
      controllersOf('module' in imported ? imported.module : imported, seen),
    ),
  ];
}

function routesOf(controller: Type): Route[] {
  const prototype = controller.prototype as Record<string, object>;
  const roots = [Reflect.getMetadata(PATH_METADATA, controller) ?? ''].flat() as string[];
  const keys = Object.getOwnPropertyNames(prototype).filter((key) => key !== 'constructor');
  return keys.flatMap((key) => {
    const handler = prototype[key]!;
    const paths = typeof handler === 'function' && Reflect.getMetadata(PATH_METADATA, handler);
    if (paths === undefined || paths === false) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const types = (Reflect.getMetadata('design:paramtypes', prototype, key) ?? []) as Type[];
    const places = Object.entries(
      (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, key) ?? {}) as Record<
        string,
        { index: number; data?: unknown }
      >,
    );
    const classOf = (kind: RouteParamtypes) => {
      const place = places.find(([name, { data }]) => name.startsWith(`${kind}:`) && data === undefined);
      const type = place && types[place[1].index];
      return type && propertiesOf(type).length > 0 ? type : null;
    };
    return roots.flatMap((root) =>
      ([paths].flat() as string[]).map((path) => {
        const full = `/${[root, path]
          .map((part) => part.replace(/^\/|\/$/g, ''))
          .filter(Boolean)
          .join('/')}`;
        return {
          name: `${method} ${full}`,
          method,
          path: full,
          body: classOf(RouteParamtypes.BODY),
          query: classOf(RouteParamtypes.QUERY),
        };
      }),
    );
  });
}

/** What is validated of a class. */
function propertiesOf(dto: Type): string[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  return [...new Set(metadata.map(({ propertyName }) => propertyName))];
}

function nestedIn(dto: Type, property: string): { type: Type; isList: boolean } | null {
  const nested = getMetadataStorage()
    .getTargetValidationMetadatas(dto, '', false, false)
    .find(({ propertyName, type }) => propertyName === property && type === 'nestedValidation');
  if (!nested) return null;
  const type = defaultMetadataStorage.findTypeMetadata(dto, property).typeFunction();
  return { type, isList: nested.each };
}
