// SPDX-License-Identifier: Apache-2.0
//! Bootstrap-Request, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7.1, OMA-TS-LightweightM2M-V1_0_2 §5.2.7.1.

use core::cell::Cell;

use crate::coap::exchange::confirmable;
use crate::coap::{Code, Token, option};
use crate::content::{ContentFormat, EncodeError, Output, put_unsigned};

/// The content format the client likes best, which LwM2M 1.1 lets it name.
const PREFERRED: Option<ContentFormat> = if !cfg!(feature = "lwm2m-1-1") {
    None
} else if cfg!(feature = "senml-cbor") {
    Some(ContentFormat::SenmlCbor)
} else if cfg!(feature = "senml-json") {
    Some(ContentFormat::SenmlJson)
} else if cfg!(feature = "tlv") {
    Some(ContentFormat::Tlv)
} else {
    None
};

/// Writes a Bootstrap-Request and returns its length.
///
/// # Errors
/// It does not fit.
pub fn request(
    buffer: &mut [u8],
    message_id: u16,
    token: &Token,
    endpoint: &[Cell<u8>],
) -> Result<usize, EncodeError> {
    let mut request = confirmable(buffer, Code::POST, message_id, token);
    request.option(option::URI_PATH, b"bs");
    request.option_cells(option::URI_QUERY, b"ep=", endpoint);
    if let Some(format) = PREFERRED {
        let mut digits = [0; 5];
        let mut output = Output::new(&mut digits);
        put_unsigned(&mut output, format as u64)?;
        request.option_parts(option::URI_QUERY, b"pct=", output.written());
    }
    request.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coap::Message;

    #[test]
    fn a_request_names_the_endpoint_and_the_preferred_format() {
        let mut buffer = [0; 64];
        let name = b"device".map(Cell::new);
        let length = request(&mut buffer, 7, &Token::new(&[1]), &name).unwrap();
        let message = Message::parse(&buffer[..length]).unwrap();
        assert_eq!(message.code, Code::POST);
        let options: std::vec::Vec<_> = message.options().collect();
        assert_eq!(
            options,
            [
                (option::URI_PATH, &b"bs"[..]),
                (option::URI_QUERY, b"ep=device"),
                (option::URI_QUERY, b"pct=112"),
            ]
        );
        assert!(message.payload.is_empty());
    }

    #[test]
    fn a_name_that_does_not_fit_is_an_error() {
        let mut buffer = [0; 12];
        let name = b"a name too long".map(Cell::new);
        let request = request(&mut buffer, 7, &Token::new(&[1]), &name);
        assert_eq!(request, Err(EncodeError::Full));
    }
}
