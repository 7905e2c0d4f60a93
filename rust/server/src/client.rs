// SPDX-License-Identifier: Apache-2.0
//! Operations on a registered client: device management and information reporting
//! (OMA-TS-LightweightM2M_Core-V1_1_1 §6.3, §6.4; methods as in Transport §6.4.4, §6.4.5).

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use crate::content::{Content, ContentFormat, Value, tlv};
use crate::driver::Input;
use crate::message::{Request, Response};
use crate::{Code, Error, InvalidPath, Models, Observation, Path, blockwise};

/// How a Write treats what it does not mention (Core §6.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// It is removed (PUT).
    Replace,
    /// It stays (POST).
    Partial,
}

/// A path, or text that may be one.
pub trait IntoPath {
    /// The path.
    ///
    /// # Errors
    /// When the text is no path.
    fn into_path(self) -> Result<Path, InvalidPath>;
}

impl IntoPath for Path {
    fn into_path(self) -> Result<Path, InvalidPath> {
        Ok(self)
    }
}

impl IntoPath for &str {
    fn into_path(self) -> Result<Path, InvalidPath> {
        self.parse()
    }
}

/// A client by its endpoint name. Each operation waits for the response, of whatever class; it
/// fails when none comes (see [`Transmission`](crate::Transmission)) or the client is not
/// registered at that moment.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) endpoint: String,
    pub(crate) inputs: Sender<Input>,
    pub(crate) models: Arc<Models>,
    pub(crate) block_size: usize,
}

impl Client {
    /// The endpoint name.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Read: GET.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn read(&self, path: impl IntoPath, accept: ContentFormat) -> Result<Response, Error> {
        self.request(&Request::new(Code::GET, path.into_path()?).accept(accept))
    }

    /// Read-Composite: FETCH with the paths.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn read_composite(&self, paths: &[Path], format: ContentFormat) -> Result<Response, Error> {
        self.request(&composite(Code::FETCH, &Content::paths(paths), format)?.accept(format))
    }

    /// Discover: GET with Accept 40.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn discover(&self, path: impl IntoPath) -> Result<Response, Error> {
        self.read(path, ContentFormat::LINK_FORMAT)
    }

    /// Write: PUT or POST.
    ///
    /// # Errors
    /// When the format cannot carry the content; else see [`Client::request`].
    pub fn write(
        &self,
        path: impl IntoPath,
        content: &Content,
        format: ContentFormat,
        mode: WriteMode,
    ) -> Result<Response, Error> {
        let path = path.into_path()?;
        let method = match mode {
            WriteMode::Replace => Code::PUT,
            WriteMode::Partial => Code::POST,
        };
        self.request(&Request::new(method, path).payload(format, content.encode(format, path)?))
    }

    /// Write of a resource's one value, in place of the old one.
    ///
    /// # Errors
    /// As [`Client::write`].
    pub fn write_value(
        &self,
        path: impl IntoPath,
        value: impl Into<Value>,
        format: ContentFormat,
    ) -> Result<Response, Error> {
        let path = path.into_path()?;
        self.write(
            path,
            &Content::from_iter([(path, value.into())]),
            format,
            WriteMode::Replace,
        )
    }

    /// Write-Composite: iPATCH.
    ///
    /// # Errors
    /// As [`Client::write`].
    pub fn write_composite(
        &self,
        content: &Content,
        format: ContentFormat,
    ) -> Result<Response, Error> {
        self.request(&composite(Code::IPATCH, content, format)?)
    }

    /// Execute: POST, with the arguments as text unless they are empty.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn execute(&self, path: impl IntoPath, arguments: &str) -> Result<Response, Error> {
        let request = Request::new(Code::POST, path.into_path()?);
        self.request(&match arguments {
            "" => request,
            text => request.payload(ContentFormat::TEXT, text.as_bytes().to_vec()),
        })
    }

    /// Create: POST on the object; the content's paths say which instance is to be made.
    ///
    /// # Errors
    /// As [`Client::write`].
    pub fn create(
        &self,
        object: impl IntoPath,
        content: &Content,
        format: ContentFormat,
    ) -> Result<Response, Error> {
        self.write(object, content, format, WriteMode::Partial)
    }

    /// Create in TLV of an instance whose identifier the client chooses; that of the content's
    /// paths is not sent.
    ///
    /// # Errors
    /// As [`Client::write`].
    pub fn create_unnumbered(
        &self,
        object: impl IntoPath,
        content: &Content,
    ) -> Result<Response, Error> {
        let payload = tlv::encode_without_instance(content.records())?;
        let request = Request::new(Code::POST, object.into_path()?);
        self.request(&request.payload(ContentFormat::TLV, payload))
    }

    /// Delete: DELETE.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn delete(&self, path: impl IntoPath) -> Result<Response, Error> {
        self.request(&Request::new(Code::DELETE, path.into_path()?))
    }

    /// Write-Attributes: PUT with a query such as `["pmin=10", "pmax="]`.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn write_attributes(
        &self,
        path: impl IntoPath,
        attributes: &[&str],
    ) -> Result<Response, Error> {
        let query = attributes
            .iter()
            .map(|attribute| (*attribute).to_owned())
            .collect();
        self.request(&Request {
            query,
            ..Request::new(Code::PUT, path.into_path()?)
        })
    }

    /// Observe: GET with Observe 0. The response holds the present value and, if the client
    /// agreed, [`Response::observation`]; what follows comes as
    /// [`Event::Notification`](crate::Event::Notification).
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn observe(&self, path: impl IntoPath, accept: ContentFormat) -> Result<Response, Error> {
        self.request(
            &Request::new(Code::GET, path.into_path()?)
                .accept(accept)
                .observe(0),
        )
    }

    /// Observe-Composite: FETCH with Observe 0; else as [`Client::observe`].
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn observe_composite(
        &self,
        paths: &[Path],
        format: ContentFormat,
    ) -> Result<Response, Error> {
        let request = composite(Code::FETCH, &Content::paths(paths), format)?;
        self.request(&request.accept(format).observe(0))
    }

    /// Cancel Observation: the observation's request again with Observe 1.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn cancel_observation(&self, observation: &Observation) -> Result<Response, Error> {
        self.request(&observation.cancellation())
    }

    /// Forgets an observation without a word, so that its next notification is answered with
    /// Reset (RFC 7641 §3.6).
    pub fn forget_observation(&self, observation: &Observation) {
        // A server that has stopped has forgotten already.
        let _ = self.inputs.send(Input::Forget(observation.token.clone()));
    }

    /// Sends a datagram as it is, valid CoAP or not; nothing is awaited, and nothing sent when the
    /// client is not registered.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn send_datagram(&self, datagram: &[u8]) -> Result<(), Error> {
        let input = Input::Raw {
            endpoint: self.endpoint.clone(),
            datagram: datagram.to_vec(),
        };
        self.inputs.send(input).map_err(|_| Error::Stopped)
    }

    /// Any request, sent and answered in blocks where it is too long (RFC 7959).
    ///
    /// # Errors
    /// [`Error::NotRegistered`], [`Error::Timeout`], [`Error::Reset`], [`Error::Blockwise`] or
    /// [`Error::Stopped`].
    ///
    /// # Panics
    /// When the token is longer than 8 bytes.
    pub fn request(&self, request: &Request) -> Result<Response, Error> {
        let token_length = request.token.as_ref().map_or(0, Vec::len);
        assert!(
            token_length <= 8,
            "a token has at most 8 bytes (RFC 7252 §3)"
        );
        let exchange = |part: &Request| self.exchange(part);
        let mut response = blockwise::transfer(request, self.block_size, exchange)?;
        response.decode(request.base(), &self.models);
        Ok(response)
    }

    /// One request and its response.
    fn exchange(&self, request: &Request) -> Result<Response, Error> {
        let (reply, outcome) = channel();
        let endpoint = self.endpoint.clone();
        let input = Input::Request {
            endpoint,
            request: request.clone(),
            reply,
        };
        self.inputs.send(input).map_err(|_| Error::Stopped)?;
        let packet = outcome.recv().map_err(|_| Error::Stopped)??;
        let mut response = Response::from_packet(&packet, request.base(), &self.models);
        if response.code.is_success() && packet.get_option(coap_lite::CoapOption::Observe).is_some()
        {
            response.observation =
                Observation::begun_by(request, &self.endpoint, packet.get_token(), &self.models);
        }
        Ok(response)
    }
}

/// A request on no path, whose payload names the paths.
fn composite(method: Code, content: &Content, format: ContentFormat) -> Result<Request, Error> {
    let payload = content.encode(format, Path::ROOT)?;
    Ok(Request::new(method, Path::ROOT).payload(format, payload))
}
