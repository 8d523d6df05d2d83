//! A stand-in for the `CodeArts` Pipeline service.
