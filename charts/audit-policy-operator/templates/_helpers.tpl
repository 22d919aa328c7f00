{{- define "audit-policy-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Names all objects. At most 52 characters, so that Services and the Job, with their suffixes, have valid names. */}}
{{- define "audit-policy-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "audit-policy-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "audit-policy-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: name the ServiceAccount to use, since serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* Labels of everything that the release runs. */}}
{{- define "audit-policy-operator.instanceLabels" -}}
app.kubernetes.io/name: {{ include "audit-policy-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of the operator's own Pods, and of no other. */}}
{{- define "audit-policy-operator.selectorLabels" -}}
{{ include "audit-policy-operator.instanceLabels" . }}
app.kubernetes.io/component: manager
{{- end }}

{{- define "audit-policy-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "audit-policy-operator.instanceLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "audit-policy-operator.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* What Pod Security "restricted" asks of a Pod. 65532 is the user of distroless images. */}}
{{- define "audit-policy-operator.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "audit-policy-operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* "true" when an object of a kind that may not be installed is to be rendered. Takes root, value (its path), mode and kind. */}}
{{- define "audit-policy-operator.isRendered" -}}
{{- $isServed := .root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind) }}
{{- if or $isServed (eq .mode "alwaysRender") -}}
true
{{- else if eq .mode "failIfMissing" }}
{{- fail (printf "%s.renderMode is failIfMissing, and this cluster has no %s of monitoring.coreos.com/v1: install the Prometheus operator first, or set it to skipIfMissing" .value .kind) }}
{{- end }}
{{- end }}

{{/* "true" when the ClusterDeployment CRD that is here drops spec.auditPolicy, as KCM's before 1.10 does. */}}
{{- define "audit-policy-operator.referenceIsDropped" -}}
{{- $crd := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "clusterdeployments.k0rdent.mirantis.com" }}
{{- range dig "spec" "versions" list $crd }}
{{- $spec := dig "schema" "openAPIV3Schema" "properties" "spec" dict . }}
{{- if and (eq .name "v1beta1") (not (dig "properties" "auditPolicy" "" $spec)) (not (dig "x-kubernetes-preserve-unknown-fields" false $spec)) -}}
true
{{- end }}
{{- end }}
{{- end }}

{{/* The program, as the image has it, for kubectl exec. */}}
{{- define "audit-policy-operator.command" -}}
/nodejs/bin/node /app/audit-policy-operator.mjs
{{- end }}

{{/*
"true" when the check after an install can succeed. Where the operator came before KCM or Flux, nothing is wrong with it, and a failed
hook would make Flux take it out again.
*/}}
{{- define "audit-policy-operator.isChecked" -}}
{{- $served := .Capabilities.APIVersions }}
{{- $hasClusters := or .Values.crds.standaloneClusterDeployment ($served.Has "k0rdent.mirantis.com/v1beta1/ClusterDeployment") }}
{{- $hasReleases := $served.Has "helm.toolkit.fluxcd.io/v2/HelmRelease" }}
{{- $isAtWork := and (not .Values.manager.dryRun) (gt (int .Values.replicaCount) 0) .Values.leaderElection.enabled }}
{{- if and .Values.check.enabled .Values.rbac.create $isAtWork $hasClusters $hasReleases -}}
true
{{- end }}
{{- end }}
