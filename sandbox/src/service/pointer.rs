//! Edits of a JSON value at a JSON pointer (RFC 6901).

use serde_json::Value;

/// Sets what the pointer names, adding a field or (`-`) an element that is not there; without its parent nothing happens.
pub(crate) fn set(body: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = parent(body, pointer) else {
        if pointer.is_empty() {
            *body = value;
        }
        return;
    };
    match parent {
        Value::Object(fields) => {
            fields.insert(name, value);
        }
        Value::Array(elements) if name == "-" => elements.push(value),
        Value::Array(elements) => {
            if let Some(own) = name.parse().ok().and_then(|at: usize| elements.get_mut(at)) {
                *own = value;
            }
        }
        _ => {}
    }
}

/// Removes what the pointer names, if it is there.
pub(crate) fn remove(body: &mut Value, pointer: &str) {
    match parent(body, pointer) {
        Some((Value::Object(fields), name)) => {
            fields.remove(&name);
        }
        Some((Value::Array(elements), name)) => {
            if let Some(at) = name.parse().ok().filter(|at| *at < elements.len()) {
                elements.remove(at);
            }
        }
        _ => {}
    }
}

/// What holds the thing that the pointer names, and the name it has there.
fn parent<'a>(body: &'a mut Value, pointer: &str) -> Option<(&'a mut Value, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    Some((body.pointer_mut(parent)?, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_or_an_element_is_set_added_or_removed() {
        let mut body = json!({"a": [{"b/c": 1}, 2]});
        set(&mut body, "/a/0/b~1c", json!("new"));
        set(&mut body, "/a/-", json!(3));
        set(&mut body, "/d", json!(null));
        assert_eq!(body, json!({"a": [{"b/c": "new"}, 2, 3], "d": null}));
        remove(&mut body, "/a/1");
        remove(&mut body, "/d");
        assert_eq!(body, json!({"a": [{"b/c": "new"}, 3]}));
        set(&mut body, "", json!([]));
        assert_eq!(body, json!([]));
    }

    #[test]
    fn a_pointer_that_leads_nowhere_changes_nothing() {
        let whole = json!({"a": [1], "text": "x"});
        for pointer in ["/b/c", "/a/7", "/a/x", "/text/0", "a"] {
            let mut body = whole.clone();
            set(&mut body, pointer, json!(2));
            remove(&mut body, pointer);
            assert_eq!(body, whole, "{pointer}");
        }
    }
}
