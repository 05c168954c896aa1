//! The published examples of RFC 7515 and RFC 8037.

use serde_json::{Value, json};

use super::*;

/// RFC 7515, A.2 and A.3: the same payload.
const PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7515, A.2.
fn rsa() -> (Value, String, &'static str) {
    let key = json!({
        "kty": "RSA",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
              T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB\
              dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia\
              GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        "e": "AQAB",
    });
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju\
                     jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07\
                     Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU\
                     TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    (key, format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}"), signature)
}

/// RFC 7515, A.3.
fn p256() -> (Value, String, &'static str) {
    let key = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    (key, format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}"), signature)
}

/// RFC 8037, A.4.
fn ed25519() -> (Value, String, &'static str) {
    let key = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    (key, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned(), signature)
}

fn keys(all: &[Value]) -> Keys {
    Keys::from(KeySet { keys: all.to_vec() })
}

fn verify(keys: &Keys, algorithm: Algorithm, message: &str, signature: &str) -> bool {
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    keys.find(None, algorithm).is_some_and(|key| key.signed(algorithm, message.as_bytes(), &signature))
}

#[test]
fn published_signatures_are_good_and_changed_ones_are_not() {
    let all = [(Algorithm::Rs256, rsa()), (Algorithm::Es256, p256()), (Algorithm::EdDsa, ed25519())];
    for (algorithm, (key, message, signature)) in all {
        let keys = keys(&[key]);
        assert!(verify(&keys, algorithm, &message, signature), "{algorithm:?}");
        assert!(!verify(&keys, algorithm, &format!("{message}x"), signature), "{algorithm:?}");
        assert!(!verify(&keys, algorithm, &message, &signature[4..]), "{algorithm:?}");
        assert!(!verify(&keys, algorithm, &message, ""), "{algorithm:?}");
    }
}

#[test]
fn a_key_signs_only_what_it_is_for() {
    let (mut key, message, signature) = rsa();
    assert!(!verify(&keys(&[key.clone()]), Algorithm::Es256, &message, signature), "another kind");
    assert!(!verify(&keys(&[key.clone()]), Algorithm::Ps256, &message, signature), "another padding");
    key["alg"] = json!("RS512");
    assert!(!verify(&keys(&[key.clone()]), Algorithm::Rs256, &message, signature), "its own algorithm");
    key["alg"] = json!("RS256");
    assert!(verify(&keys(&[key.clone()]), Algorithm::Rs256, &message, signature));
    key["use"] = json!("enc");
    assert!(!verify(&keys(&[key]), Algorithm::Rs256, &message, signature), "not for signing");
}

#[test]
fn a_token_that_names_no_key_can_mean_only_one() {
    let (mut first, ..) = rsa();
    first["kid"] = json!("a");
    let mut second = first.clone();
    second["kid"] = json!("b");
    let unknown = json!({ "kty": "MAGIC", "kid": "c" });
    let both = keys(&[first.clone(), second, unknown.clone()]);
    assert!(both.find(None, Algorithm::Rs256).is_none());
    assert!(both.find(Some("b"), Algorithm::Rs256).is_some());
    assert!(both.find(Some("c"), Algorithm::Rs256).is_none());
    assert!(keys(&[first, unknown]).find(None, Algorithm::Rs256).is_some());
}

#[test]
fn neither_none_nor_hmac_is_an_algorithm() {
    for name in ["none", "None", "NONE", "", "HS256", "HS512", "RS1", "rs256"] {
        assert!(serde_json::from_value::<Algorithm>(json!(name)).is_err(), "{name}");
    }
}
