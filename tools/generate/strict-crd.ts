import { parse, stringify } from 'yaml';

const KEEPS_UNKNOWN = 'x-kubernetes-preserve-unknown-fields';

interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  [keyword: string]: unknown;
}

interface Definition {
  spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
}

/** What a schema has to say beside its description; `properties` and `items` nest as in the schema itself. */
interface Strict {
  keywords: Record<string, unknown>;
  properties?: Record<string, Strict>;
  items?: Strict;
}

const BOOLEAN: Strict = { keywords: { type: 'boolean' } };
const STRING: Strict = { keywords: { type: 'string' } };
const STRINGS: Strict = { keywords: { type: 'array' }, items: STRING };
const STAGES: Strict = {
  keywords: { type: 'array' },
  items: {
    keywords: { type: 'string', enum: ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] },
  },
};

/** The types of audit.k8s.io/v1's Policy. */
const POLICY: Strict = {
  keywords: { type: 'object', required: ['rules'] },
  properties: {
    omitManagedFields: BOOLEAN,
    omitStages: STAGES,
    rules: {
      keywords: { type: 'array', minItems: 1 },
      items: {
        keywords: { type: 'object', required: ['level'] },
        properties: {
          level: { keywords: { type: 'string', enum: ['None', 'Metadata', 'Request', 'RequestResponse'] } },
          users: STRINGS,
          userGroups: STRINGS,
          verbs: STRINGS,
          resources: {
            keywords: { type: 'array' },
            items: {
              keywords: { type: 'object' },
              properties: { group: STRING, resources: STRINGS, resourceNames: STRINGS },
            },
          },
          namespaces: STRINGS,
          nonResourceURLs: STRINGS,
          omitStages: STAGES,
          omitManagedFields: BOOLEAN,
        },
      },
    },
  },
};

/**
 * The ClusterAuditPolicy CRD for where no webhook names a mistake: every field below spec has its type, and what is unknown is
 * dropped by the API server, or refused when the client asks for strict validation, as kubectl does.
 * @param source text of the CRD that keeps everything
 * @throws Error when the two differ in their fields
 */
export function strictCrd(source: string): string {
  const crd = parse(source) as Definition;
  for (const { schema } of crd.spec.versions) {
    const { properties } = schema.openAPIV3Schema;
    const policy = properties?.spec?.properties?.policy;
    if (properties?.spec === undefined || policy === undefined)
      throw new Error('no spec.policy in the schema');
    const spec = Object.entries(properties.spec).filter(([keyword]) => keyword !== KEEPS_UNKNOWN);
    properties.spec = {
      ...Object.fromEntries(spec),
      properties: { ...properties.spec.properties, policy: tightened(policy, POLICY, 'policy') },
    };
  }
  return stringify(crd, { aliasDuplicateObjects: false, lineWidth: 110 });
}

function tightened(schema: Schema, strict: Strict, path: string): Schema {
  const { properties, items } = strict;
  const fields = Object.keys(schema.properties ?? {}).sort();
  const known = Object.keys(properties ?? {}).sort();
  if (fields.join() !== known.join())
    throw new Error(`${path}: the CRD has ${fields.join()}, the strict form ${known.join()}`);
  return {
    ...strict.keywords,
    ...(schema.description === undefined ? {} : { description: schema.description }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, each]) => [
              name,
              tightened(schema.properties?.[name] ?? {}, each, `${path}.${name}`),
            ]),
          ),
        }),
    ...(items === undefined ? {} : { items: tightened(schema.items ?? {}, items, `${path}[]`) }),
  };
}
