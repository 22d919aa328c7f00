import { at, isObject, listAt, stringAt } from '../../api/json.ts';
import { readCrd } from '../../controllers/crd.ts';
import * as kinds from '../../controllers/kinds.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Resource } from '../../kube/resources.ts';
import { annotation, label } from '../../plan/observed/object-meta.ts';
import { findDefinition, isServed } from '../fleet/definitions.ts';
import { failed, info, ok, type Finding } from './finding.ts';

/** What the other checks need to know of the definitions. */
export interface Definitions {
  findings: Finding[];
  /** KCM 1.10 or newer is installed. */
  kcmPresent: boolean;
  /** KCM of any version is installed. */
  hasManagements: boolean;
  referenceIsPruned: boolean;
  hasPolicies: boolean;
  hasDeployments: boolean;
  hasHelmReleases: boolean;
}

interface Look {
  finding?: Finding;
  isServed: boolean;
  /** Unless it could not be read. */
  keepsAuditPolicy?: boolean;
}

/**
 * Whether the kinds are defined, served, and by whom.
 * @param isOldKcmFine KCM before 1.10 is told, and nothing is wrong with it: the operator then has nothing to do
 */
export async function checkDefinitions(client: KubeClient, isOldKcmFine = false): Promise<Definitions> {
  const look = (kind: Resource, missing: Missing) => lookAt(client, kind, missing);
  const [policies, deployments, helmReleases, reports, managements] = await Promise.all([
    look(kinds.CLUSTER_AUDIT_POLICIES, {
      isWrong: true,
      hint: 'install the chart, or kubectl apply -k config/crd',
    }),
    look(kinds.CLUSTER_DEPLOYMENTS, {
      isWrong: true,
      hint: 'KCM brings it; without KCM: config/crd-standalone',
    }),
    look(kinds.HELM_RELEASES, { isWrong: true, hint: "install Flux's helm-controller" }),
    look(kinds.CLUSTER_AUDIT_REPORTS, { isWrong: false, hint: 'there are no reports on what KCM writes' }),
    look(kinds.MANAGEMENTS, { isWrong: false, hint: '' }),
  ]);
  const keeps = deployments.keepsAuditPolicy ?? deployments.isServed;
  const findings = [policies, deployments, helmReleases, reports].flatMap(({ finding }) => finding ?? []);
  const crd = kinds.crdName(kinds.CLUSTER_DEPLOYMENTS);
  if (deployments.isServed && deployments.keepsAuditPolicy !== undefined) {
    findings.push(
      keeps
        ? ok('reference', `CRD ${crd} keeps spec.auditPolicy`)
        : (isOldKcmFine ? info : failed)(
            'reference',
            `CRD ${crd} drops spec.auditPolicy (KCM before 1.10), so no cluster can name a policy and the operator has nothing to do: upgrade KCM to 1.10 or newer`,
          ),
    );
  }
  return {
    findings,
    hasManagements: managements.isServed,
    kcmPresent: managements.isServed && keeps,
    referenceIsPruned: deployments.isServed && !keeps,
    hasPolicies: policies.isServed,
    hasDeployments: deployments.isServed,
    hasHelmReleases: helmReleases.isServed,
  };
}

interface Missing {
  isWrong: boolean;
  hint: string;
}

async function lookAt(client: KubeClient, kind: Resource, missing: Missing): Promise<Look> {
  const name = kinds.crdName(kind);
  const check = `crd/${name}`;
  const absent = (): Look => ({
    isServed: false,
    ...(missing.hint === ''
      ? {}
      : {
          finding: (missing.isWrong ? failed : info)(check, `CRD ${name} is not installed: ${missing.hint}`),
        }),
  });
  try {
    const raw = await findDefinition(client, kind);
    return raw === undefined ? absent() : judge(raw, kind, check);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    if (!(await isServed(client, kind))) return absent();
    return {
      isServed: true,
      finding: {
        ...ok(check, `CRD ${name}: served (it may not be read, so whose it is is not known)`),
        // Of the others nothing but whose they are is asked.
        ...(kind === kinds.CLUSTER_DEPLOYMENTS ? { unseen: 'aside' as const } : {}),
      },
    };
  }
}

function judge(raw: unknown, kind: Resource, check: string): Look {
  const { served, keepsAuditPolicy } = readCrd(raw, kind);
  const name = kinds.crdName(kind);
  const whose = [formOf(raw, kind), ownerOf(raw)].filter((word) => word !== undefined).join(', ');
  const wrong = troubleOf(raw, kind, served);
  const finding =
    wrong === undefined
      ? ok(check, `CRD ${name}: served; ${whose}`)
      : failed(check, `CRD ${name}: ${wrong}; ${whose}`);
  return { isServed: served, keepsAuditPolicy, finding };
}

function troubleOf(raw: unknown, { version }: Resource, served: boolean): string | undefined {
  const condition = (type: string) =>
    listAt(raw, 'status', 'conditions').find((entry) => stringAt(entry, 'type') === type);
  const isTrue = (type: string) => stringAt(condition(type), 'status') === 'True';
  const words = (type: string) => stringAt(condition(type), 'message') ?? 'no word from the API server';
  if (at(raw, 'metadata', 'deletionTimestamp') !== undefined) return 'is being deleted';
  if (!isTrue('NamesAccepted')) return `its names are not accepted: ${words('NamesAccepted')}`;
  if (!isTrue('Established')) return `is not established: ${words('Established')}`;
  if (isTrue('NonStructuralSchema')) return `its schema is not structural: ${words('NonStructuralSchema')}`;
  return served ? undefined : `does not serve version ${version}`;
}

/** Which project's definition it is, by its form. */
function formOf(raw: unknown, kind: Resource): string | undefined {
  const version = listAt(raw, 'spec', 'versions').find((entry) => stringAt(entry, 'name') === kind.version);
  const spec = at(version, 'schema', 'openAPIV3Schema', 'properties', 'spec');
  const keepsAll = (schema: unknown) => at(schema, 'x-kubernetes-preserve-unknown-fields') === true;
  if (kind === kinds.CLUSTER_AUDIT_POLICIES) {
    const isImmutable = listAt(spec, 'x-kubernetes-validations').some(
      (entry) => stringAt(entry, 'rule') === 'self == oldSelf',
    );
    if (isImmutable) return "KCM's, which drops misspelt fields";
    if (keepsAll(at(spec, 'properties', 'policy'))) return "this project's";
    return isObject(at(version, 'subresources', 'status')) ? "this project's strict form" : undefined;
  }
  if (kind !== kinds.CLUSTER_DEPLOYMENTS) return undefined;
  return keepsAll(spec) ? "this project's for fleets without KCM" : "KCM's";
}

/** Who keeps it, by what they leave on it. */
function ownerOf(raw: unknown): string {
  const helm = annotation(raw, 'meta.helm.sh/release-name');
  if (helm !== undefined) {
    return `Helm release ${annotation(raw, 'meta.helm.sh/release-namespace') ?? ''}/${helm}`;
  }
  const flux = label(raw, 'kustomize.toolkit.fluxcd.io/name');
  if (flux !== undefined) {
    return `Flux Kustomization ${label(raw, 'kustomize.toolkit.fluxcd.io/namespace') ?? ''}/${flux}`;
  }
  const argo = label(raw, 'argocd.argoproj.io/instance') ?? annotation(raw, 'argocd.argoproj.io/tracking-id');
  if (argo !== undefined) return `Argo CD application ${argo.split(':')[0] ?? ''}`;
  const managers = listAt(raw, 'metadata', 'managedFields')
    .filter((entry) => !stringAt(entry, 'subresource'))
    .flatMap((entry) => stringAt(entry, 'manager') ?? []);
  const unique = [...new Set(managers)].map((manager) => `"${manager}"`);
  return unique.length === 0 ? 'nobody tells whose' : `written by ${unique.join(', ')}`;
}
