//! Retries a Huawei Cloud `CodeArts` Pipeline run from a CI step.
