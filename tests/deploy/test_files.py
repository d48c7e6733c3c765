"""The files that others read, which nobody here runs: each as a public reader of its kind sees it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement

from deploy.configuration import HERE, ROOT

MANIFESTS = HERE / "kubernetes"
KUBERNETES = "1.33"


def documents() -> list[dict[str, Any]]:
    paths = [path for path in sorted(MANIFESTS.glob("*.yaml")) if path.name != "kustomization.yaml"]
    return [document for path in paths for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [document for document in documents() if document["kind"] == kind]


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    command = [str(Path(sys.executable).with_name("hadolint")), "--no-color", str(HERE / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_let_to_see_all_that_it_copies() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", (HERE / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    seen = re.findall(r"^!(\S+)", (HERE / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(seen)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_lock_has_the_apps_versions_each_with_hashes() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = {line for line in lines if not line.startswith("pytest")}
    lock = (HERE / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]
    locked = {entry.split()[0]: entry.count("--hash=sha256:") for entry in entries}
    assert wanted <= locked.keys(), "make lock"
    assert all(locked.values())
    assert all(str(Requirement(name).specifier).startswith("==") for name in locked)


def test_kubernetes_accepts_every_manifest(subtests: pytest.Subtests) -> None:
    found = documents()
    assert len(found) >= 6
    for document in found:
        with subtests.test(f"{document['kind']} {document['metadata']['name']}"):
            kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_the_kustomization_names_every_manifest() -> None:
    kustomization = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text(encoding="utf-8"))
    others = {path.name for path in MANIFESTS.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == others
    (deployment,) = of_kind("Deployment")
    containers = deployment["spec"]["template"]["spec"]["containers"]
    assert [image["name"] for image in kustomization["images"]] == [container["image"] for container in containers]


def test_the_manifests_fit_each_other() -> None:
    """What a schema does not see: selectors select the pods, names lead somewhere, and metrics are in no Service."""
    (deployment,), (budget,), (scaler,), (ingress,) = map(
        of_kind, ("Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress")
    )
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == budget["spec"]["selector"]["matchLabels"] == labels
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    services = {service["metadata"]["name"]: service["spec"] for service in of_kind("Service")}
    assert {name: spec.get("selector") for name, spec in services.items()} == {
        "vmapdemo": labels,
        "vmapdemo-closed": None,
    }
    assert [port["targetPort"] for port in services["vmapdemo"]["ports"]] == ["http"]
    (rule,) = ingress["spec"]["rules"]
    led = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert led == {"/": "vmapdemo", "/metrics": "vmapdemo-closed", "/_stcore/metrics": "vmapdemo-closed"}


def test_hugging_face_can_read_the_front_matter() -> None:
    """By its reference of spaces: https://huggingface.co/docs/hub/spaces-config-reference."""
    _, front, text = (HERE / "huggingface" / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    settings = yaml.safe_load(front)
    exposed = re.search(r"^EXPOSE (\d+)$", (HERE / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert exposed is not None
    assert (settings["sdk"], settings["app_port"]) == ("docker", int(exposed[1]))
    colors = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {settings["colorFrom"], settings["colorTo"]} <= colors
    assert len(settings["short_description"]) <= 60
    assert text.strip()
